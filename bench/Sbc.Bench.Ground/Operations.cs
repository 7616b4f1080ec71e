using Sbc.Engine.Pipeline;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Sdp;

namespace Sbc.Bench.Ground;

/// <summary>All operations whose allocated bytes are held, each with a box of its own.</summary>
public static class Operations
{
    // 20 calls a second: transactions of 32 s and ports at rest come to a steady number within the warm-up.
    private const int CallMicroseconds = 50_000;

    /// <summary>Made one after the other, so that only one box is in memory at a time.</summary>
    public static IEnumerable<Func<Operation>> All =>
    [
        Parse, RewriteSdp, () => OptionsAnswered(1),
        () => Calls("new call refused", new BoxPlan { HasRoute = false }, script => script.RefusedCall(404)),
        () => Calls("call without media", new BoxPlan(), script => script.WholeCall()),
        () => Calls("call with media", new BoxPlan { HasMedia = true }, script => script.WholeCall()),
        () => Calls("call with media over IPv6", new BoxPlan { HasMedia = true, IsIPv6 = true }, s => s.WholeCall()),
        () => Calls("call with failover", new BoxPlan { HasMedia = true }, script => script.WholeCallWithFailover()),
        () => Calls("cancelled call", new BoxPlan { HasMedia = true }, script => script.CancelledCall()),
        Forwarded,
        Refreshed, Challenged,
        () => InCall("info", script => script.Info()),
        () => InCall("re-invite", script => script.Reinvite()),
        RetransmissionAbsorbed, ProbeAnswered, Malformed, RateLimited, HandOver,
        () => Media("rtp relayed", media => media.Rtp(1)),
        () => Media("rtcp relayed", media => media.Rtcp()),
        () => Media("stranger's rtp refused", media => media.Stranger()),
    ];

    /// <summary>An INVITE as a phone sends it.</summary>
    public static byte[] InviteText()
    {
        var box = new Box(new BoxPlan());
        new Caller(box, 1).Invite(0);
        return box.Edge.Inbound[0].ToArray();
    }

    private static Operation Parse()
    {
        byte[] text = InviteText();
        var message = new SipMessage();
        return new Operation(
            "parse", () => Check.That(message.Parse(text, 0, text.Length) == ParseError.None), Nothing);
    }

    private static Operation RewriteSdp()
    {
        byte[] body = SessionText.Of(new BoxPlan().Caller, SessionText.CallerPort, 1);
        byte[] output = new byte[SdpLimits.BodyBytesMax];
        var sdp = new SdpDescription();
        SdpMediaPorts[] ports = [new(20000, 20001)];
        var rewrite = new SdpRewrite(new BoxPlan().CoreAddress, 77, 1);
        return new Operation(
            "sdp parsed and rewritten",
            () => Check.That(sdp.TryParse(body, out _) &&
                SdpEditor.TryRewrite(sdp, body, rewrite, ports, output, out _)),
            Nothing);
    }

    /// <summary>OPTIONS that worker 0 owns, of a box with so many workers.</summary>
    public static Operation OptionsAnswered(int workers)
    {
        var box = new Box(new BoxPlan { Workers = workers });
        var caller = new Caller(box, 1);
        uint serial = 0;
        do
        {
            caller.Options(++serial);
            box.Turn();
        }
        while (box.Edge.Sent.Count == 0);
        return new Operation(
            "options answered",
            () =>
            {
                box.Advance(1000);
                caller.Options(serial);
                box.Turn();
                Check.That(box.Edge.Sent.Count == 1);
            },
            box.AssertSound);
    }

    private static Operation Calls(string name, BoxPlan plan, Action<CallScript> once)
    {
        var box = new Box(plan);
        var script = new CallScript(box, 1);
        return new Operation(
            name,
            () =>
            {
                box.Advance(CallMicroseconds);
                once(script);
            },
            box.AssertSound);
    }

    /// <summary>INVITE and its 200 in mode forward.</summary>
    public static Operation Forwarded()
    {
        var box = new Box(new BoxPlan { IsForward = true, Peers = 6 });
        var caller = new Caller(box, 1);
        var callee = new Callee(box, 1);
        return new Operation(
            "invite and 200 forwarded",
            () =>
            {
                box.Advance(1000);
                caller.Invite(0);
                box.Turn();
                Check.That(box.Core.Sent.Count == 1 && box.Edge.Sent.Count == 0);
                callee.RespondTo(0, 200);
                box.Turn();
                Check.That(box.Edge.Sent.Count == 1 && caller.Status(0) == 200);
            },
            box.AssertSound);
    }

    /// <summary>A phone that is known registers again, and is asked for nothing.</summary>
    private static Operation Refreshed()
    {
        var box = new Box(new BoxPlan { Bindings = 10 });
        var phones = new Registrants(box, CallMicroseconds);
        return new Operation("registration refreshed", () => phones.Register(0), box.AssertSound);
    }

    /// <summary>REGISTER, 401, REGISTER with credentials, 200.</summary>
    private static Operation Challenged()
    {
        var box = new Box(new BoxPlan { Bindings = 10, Challenges = true });
        var phones = new Registrants(box, CallMicroseconds);
        return new Operation("registration challenged", () => phones.RegisterChallenged(0), box.AssertSound);
    }

    private static Operation InCall(string name, Action<CallScript> once)
    {
        var box = new Box(new BoxPlan { HasMedia = true });
        var script = new CallScript(box, 1);
        script.Establish();
        return new Operation(
            name,
            () =>
            {
                box.Advance(CallMicroseconds);
                once(script);
            },
            box.AssertSound);
    }

    private static Operation RetransmissionAbsorbed()
    {
        var box = new Box(new BoxPlan());
        var script = new CallScript(box, 1);
        script.Begin();
        return new Operation(
            "invite retransmission absorbed",
            () =>
            {
                script.Caller.RepeatInvite(0);
                box.Turn();
                Check.That(box.Edge.Sent.Count == 1 && box.Core.Sent.Count == 0);
            },
            box.AssertSound);
    }

    /// <summary>OPTIONS of the box to its peers, at their interval, and the answers.</summary>
    private static Operation ProbeAnswered()
    {
        var box = new Box(new BoxPlan { HasProbes = true });
        var callee = new Callee(box, 1);
        return new Operation(
            "probes answered",
            () =>
            {
                box.Advance(1_000_000);
                box.Turn();
                for (int i = 0; i < box.Core.Sent.Count; i++) callee.RespondTo(i, 200);
                box.Turn();
            },
            box.AssertSound);
    }

    private static Operation Malformed()
    {
        var box = new Box(new BoxPlan());
        var caller = new Caller(box, 1);
        return new Operation(
            "malformed message dropped",
            () =>
            {
                box.Advance(1000);
                caller.Malformed();
                box.Turn();
            },
            () =>
            {
                box.AssertSound();
                Check.That(box.Dropped(DropReason.Malformed) > 0 && box.Verdicts(VerdictKind.Answered) == 0);
            });
    }

    private static Operation RateLimited()
    {
        var box = new Box(new BoxPlan { MessagesPerSecond = 1 });
        var caller = new Caller(box, 1);
        return new Operation(
            "rate limited datagram",
            () =>
            {
                caller.Options(1);
                box.Turn();
            },
            () =>
            {
                box.AssertSound();
                Check.That(box.Dropped(DropReason.RateLimited) > 0 && box.Verdicts(VerdictKind.Answered) == 1);
            });
    }

    /// <summary>A message that the kernel gave to worker 0 and that belongs to worker 1, answered there.</summary>
    public static Operation HandOver()
    {
        var box = new Box(new BoxPlan { Workers = 2 });
        var caller = new Caller(box, 1);
        uint serial = 0;
        while (box.Verdicts(VerdictKind.HandedOver) == 0)
        {
            caller.Options(++serial);
            box.Turn();
        }
        return new Operation(
            "handed over and answered",
            () =>
            {
                box.Advance(1000);
                caller.Options(serial);
                box.Turn();
                Check.That(box.EdgeOf(1).Sent.Count == 1);
            },
            box.AssertSound);
    }

    private static Operation Media(string name, Action<MediaScript> once)
    {
        var box = new Box(new BoxPlan { HasMedia = true });
        new CallScript(box, 1).Establish();
        var media = new MediaScript(box);
        media.Rtp(1);
        return new Operation(
            name,
            () =>
            {
                box.Advance(20_000);
                once(media);
            },
            box.AssertSound);
    }

    private static void Nothing()
    {
    }
}
