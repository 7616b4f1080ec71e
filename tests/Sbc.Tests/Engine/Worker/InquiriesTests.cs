using System.Text;
using Sbc.Engine;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Simulation;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Xunit;
using SipMessage = Sbc.Sip.Message.SipMessage;

namespace Sbc.Tests.Engine.Worker;

/// <summary>Requests that wait for what another worker says of a call.</summary>
public class InquiriesTests
{
    private readonly SimulatedBox _box = new(new Simulator(1), """
        realms:
          edge: {listen: ["udp://192.0.2.10:5060"]}
        routes: [{name: none, from: edge, to: {reject: 404}}]
        """);
    private readonly Crossbar _crossbar = new(2, [new Doorbell(new WakeProbe()), new Doorbell(new WakeProbe())]);
    private readonly Handovers _handovers;
    private readonly Inquiries _inquiries;

    public InquiriesTests()
    {
        _handovers = new Handovers(0, _crossbar);
        _inquiries = new Inquiries(0, _crossbar, _handovers, _box.Workers.Signalling[0].Parts.Names,
            _box.Workers.Signalling[0].Workspace.Hash);
    }

    [Fact]
    public void An_answer_lets_go_on_whom_it_answers_and_nobody_else_asks_again()
    {
        for (int i = 0; i < Limits.ParkedMax; i++) Assert.True(TryPark(Naming(i), i));
        Assert.False(TryPark(Naming(Limits.ParkedMax), Limits.ParkedMax));
        for (int i = 0; i < Limits.ParkedMax; i++)
        {
            Assert.Equal(1, Answer(1));
            Assert.True(_inquiries.TryTakeAnswers());
            Assert.Equal(1, _inquiries.Waiting);
            Assert.Equal((0, i), _inquiries.TakeFirst());
            Assert.False(TryPark(Naming(i), i), "its answer is known");
            _inquiries.EndRound();
        }
        Assert.Equal(0, _inquiries.Waiting);
        Assert.Equal(0, Answer(int.MaxValue));
    }

    [Fact]
    public void A_cancel_waits_behind_its_invite_and_goes_on_after_it()
    {
        Assert.True(TryPark(Naming(1), 1));
        Assert.True(TryPark(Naming(2), 2));
        Assert.True(TryPark(Naming(1, "CANCEL"), 3));
        Assert.False(TryPark(Naming(7, "CANCEL"), 4), "nobody waits that it belongs to");
        Assert.Equal(2, Answer(2));
        Assert.True(_inquiries.TryTakeAnswers());
        Assert.Equal(3, _inquiries.Waiting);
        Assert.Equal((0, 1), _inquiries.TakeFirst());
        Assert.Equal((0, 2), _inquiries.TakeFirst());
        Assert.Equal((0, 3), _inquiries.TakeFirst());
    }

    private bool TryPark(SipMessage request, int slot)
    {
        Assert.True(ViaValue.TryParse(request.Value(HeaderName.Via), out ViaValue via));
        return _inquiries.TryPark(request, via, 0, slot);
    }

    /// <summary>The other worker gives so many questions back, as far as there are any.</summary>
    private int Answer(int count)
    {
        int answered = 0;
        for (; answered < count && _crossbar.Handed(0, 1).TryPop(out int slot); answered++)
            Assert.True(_crossbar.Returned(1, 0).TryPush(slot));
        _handovers.Reclaim();
        return answered;
    }

    private SipMessage Naming(int call, string method = "INVITE")
    {
        Span<byte> token = stackalloc byte[Tokens.Length];
        _box.Workers.Signalling[0].Workspace.Tokens.Write(TokenKind.Ingress, 1, new Handle(call, 1), token);
        byte[] bytes = Encoding.ASCII.GetBytes(
            $"{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK{call}\r\n"
            + (method == "INVITE" ? $"Replaces: x;to-tag={Encoding.ASCII.GetString(token)};from-tag=y\r\n\r\n" : "\r\n"));
        var message = new SipMessage();
        message.Parse(bytes, 0, bytes.Length);
        return message;
    }
}
