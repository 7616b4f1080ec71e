using BenchmarkDotNet.Attributes;
using Sbc.Bench.Ground;
using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Trunks;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Bench;

/// <summary>A message of one leg written for the other: headers filtered, hosts mapped, dialog replaced.</summary>
public class EditBenchmarks
{
    private readonly Workspace _work;
    private readonly CallTable _calls;
    private readonly LegSetup _setup;
    private readonly LegRequest _requests;
    private readonly LegResponse _responses;
    private readonly Handle _call;
    private readonly Handle _server;
    private readonly byte[] _invite;
    private readonly byte[] _ringing;
    private readonly byte[] _output = new byte[4096];
    private readonly SipMessage _message = new();
    private readonly SipMessage _response = new();

    public EditBenchmarks()
    {
        var box = new Box(new BoxPlan());
        var script = new CallScript(box, 1);
        script.Begin();
        script.Callee.Respond(0, 180);
        _ringing = box.Core.Inbound[0].ToArray();
        script.Caller.RepeatInvite(0);
        _invite = box.Edge.Inbound[0].ToArray();
        box.Turn();
        box.Edge.Sent.Discards = true;
        SignallingWorker worker = box.Workers.Signalling[0];
        _work = worker.Workspace;
        _calls = worker.Parts.Calls;
        _setup = new LegSetup(_work, _calls, worker.Parts.Names);
        _requests = new LegRequest(_work, _calls, worker.Parts.Clients, new Credentials(_work));
        _responses = new LegResponse(_work, _calls, worker.Parts.Servers);
        Check.That(_calls.TryAt(0, out _call));
        _server = _calls[_call].InviteServer;
        _message.Parse(_invite, 0, _invite.Length);
        _response.Parse(_ringing, 0, _ringing.Length);
    }

    [Benchmark(Description = "write an indexed INVITE for the other leg")]
    public int Request()
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = _setup.MapTo(_call, CallState.Egress, text);
        var writer = new SipWriter(_output);
        var parts = new LegRequestParts
        {
            Method = "INVITE"u8,
            CSeq = 1,
            BranchKind = TokenKind.Branch,
            Branch = _call,
            MaxForwards = 69,
            Source = _message,
            Body = _message.Body,
            HasContact = true,
        };
        _requests.Write(ref writer, _call, CallState.Egress, parts, map);
        return writer.Length;
    }

    /// <summary>The stored request parsed again, the response stored and put into the outbox.</summary>
    [Benchmark(Description = "forward an indexed 180 to the other leg")]
    public void Response()
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        HostMap map = _setup.MapTo(_call, CallState.Ingress, text);
        _responses.Forward(_server, _call, 180, _response.ReasonPhrase, _response, map, body: default);
    }
}
