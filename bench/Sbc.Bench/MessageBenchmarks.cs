using BenchmarkDotNet.Attributes;
using Sbc.Bench.Ground;
using Sbc.Sip.Message;
using Sbc.Sip.Sdp;

namespace Sbc.Bench;

/// <summary>Reading a message, and its session description read and written anew.</summary>
public class MessageBenchmarks
{
    private readonly byte[] _invite = Operations.InviteText();
    private readonly byte[] _body = SessionText.Of(new BoxPlan().Caller, SessionText.CallerPort, 1);
    private readonly byte[] _output = new byte[SdpLimits.BodyBytesMax];
    private readonly SipMessage _message = new();
    private readonly SdpDescription _sdp = new();
    private readonly SdpMediaPorts[] _ports = [new(20000, 20001)];
    private readonly SdpRewrite _rewrite = new(new BoxPlan().CoreAddress, 77, 1);

    [Benchmark(Description = "parse an INVITE, all headers indexed")]
    public ParseError Parse() => _message.Parse(_invite, 0, _invite.Length);

    [Benchmark(Description = "parse and rewrite its SDP")]
    public int RewriteSdp()
    {
        _sdp.TryParse(_body, out _);
        SdpEditor.TryRewrite(_sdp, _body, _rewrite, _ports, _output, out int written);
        return written;
    }
}
