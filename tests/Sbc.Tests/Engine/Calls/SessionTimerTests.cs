using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Session timers of the ends (RFC 4028), which the box watches.</summary>
public class SessionTimerTests : CallLadder
{
    [Fact]
    public void A_session_that_nobody_refreshes_is_ended_on_both_sides()
    {
        Begin();
        Ladder.Run("wait 121000 ms");
        Ladder.Run("alice <- box: B1 within 3000 ms\n  BYE sip:alice@*\n" +
            "  Reason: SIP;cause=408;text=\"Session expired\"");
        Ladder.Run(Expect("proxy", "core", "B2", "BYE *", "Reason: SIP;cause=408;text=\"Session expired\""));
        Ladder.Run(Response("alice", "box", "B1", "200 OK", "B3") + "\n" +
            Response("proxy", "core", "B2", "200 OK", "B4"));
        AssertEmpty();
    }

    [Fact]
    public void A_refresh_prolongs_it()
    {
        Begin();
        Ladder.Run("wait 60000 ms\n" + FromAlice("UPDATE", "U1", 2,
            "Contact: <sip:alice@{alice}>\nSession-Expires: 90;refresher=uac\nSupported: timer"));
        Ladder.Run(Expect("proxy", "core", "U2", "UPDATE *", "Session-Expires: 90;refresher=uac"));
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U3", "", "Session-Expires: 90;refresher=uac"));
        Ladder.Run(Expect("alice", "box", "U4", "SIP/2.0 200 *", "Session-Expires: 90;refresher=uac"));
        Ladder.Run("alice <- box: nothing within 110000 ms");
        HangUp(3);
    }

    private void Begin()
    {
        Ladder.Run(Invite("Supported: timer\nSession-Expires: 90\nMin-SE: 90"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "Session-Expires: 90\nMin-SE: 90"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "{+bobtag}",
            "Contact: <sip:bob@{proxy}>\nSession-Expires: 90;refresher=uac\nRequire: timer"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *",
            "Session-Expires: 90;refresher=uac\nRequire: timer"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
    }
}

/// <summary>The box as refresher of a session with media.</summary>
public class MediaRefreshTests() : MediaLadder(inbound: "to: farm, session_timer: 200")
{
    [Fact]
    public void It_says_again_what_the_session_is_and_hears_where_its_end_has_moved()
    {
        const string timer = "Supported: timer\n";
        Call(timer + Alice("m=audio 9000 RTP/AVP 0"), "o=- {cs} 1 *\nm=audio {b} RTP/AVP 0",
            timer + Bob("m=audio 8000 RTP/AVP 0"), "m=audio {a} RTP/AVP 0\no=- {es} 1 *");
        // Neither what an end could do nor what it refuses is the session.
        Ladder.Run(FromAlice("OPTIONS", "O1", 2, Alice("m=audio 0 RTP/AVP 8")) + "\n" +
            Expect("proxy", "core", "O2", "OPTIONS *"));
        Ladder.Run(Response("proxy", "core", "O2", "200 OK", "O3", "", Bob("m=audio 0 RTP/AVP 0 8 9", 2)));
        Ladder.Run(Expect("alice", "box", "O4", "SIP/2.0 200 *"));
        Reinvite(3, Alice("m=audio 9000 RTP/AVP 9", 2), "m=audio {b} RTP/AVP 9",
            "488 No", Bob("m=audio 8000 RTP/AVP 0"), "m=audio 0 RTP/AVP 0");
        for (int second = 0; second < 90; second += 10)
        {
            Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}");
            Ladder.Run("wait 9900 ms");
        }
        Ladder.Run("alice <- box: U1 within 11000 ms\n  INVITE *\n\n  o=- {es} 1 *\n  m=audio {a} RTP/AVP 0");
        Ladder.Run(Expect("proxy", "core", "U2", "INVITE *", "\no=- {cs} 1 *\nm=audio {b} RTP/AVP 0"));
        Ladder.Run(Response("alice", "box", "U1", "200 OK", "U3", "",
            "Contact: <sip:alice@{alice}>\n" + Alice("m=audio 9000 RTP/AVP 0")));
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U4", "",
            "Contact: <sip:bob@{proxy}>\n" + Bob("m=audio 8500 RTP/AVP 0", 3)));
        Ladder.Run(Expect("alice", "box", "A1", "ACK *") + "\n" + Expect("proxy", "core", "A2", "ACK *"));
        Assert.Equal(3, Heard("10.0.0.21:8500", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp(4);
    }
}

/// <summary>The box as refresher of both legs.</summary>
public class SessionRefreshTests() : CallLadder(inbound: "to: farm, session_timer: 200")
{
    [Fact]
    public void Each_leg_is_refreshed_in_its_own_way()
    {
        Begin();
        Ladder.Run("alice <- box: U1 within 101000 ms\n  UPDATE sip:alice@{alice} *\n" +
            "  Session-Expires: 200;refresher=uac\n  CSeq: 1 UPDATE");
        Ladder.Run(Expect("proxy", "core", "U2", "INVITE sip:bob@{proxy} *",
            "Session-Expires: 200;refresher=uac\nCSeq: 2 INVITE\n\nv=0"));
        Ladder.Run(Response("alice", "box", "U1", "200 OK", "U3", "", "Contact: <sip:alice@{alice}>"));
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U4", "", "Contact: <sip:bob@{proxy}>"));
        Ladder.Run(Expect("proxy", "core", "U5", "ACK *", "CSeq: 2 ACK"));
        HangUp();
    }

    [Fact]
    public void An_end_that_is_gone_ends_the_call()
    {
        Begin();
        Ladder.Run("alice <- box: U1 within 101000 ms\n  UPDATE *");
        Ladder.Run(Expect("proxy", "core", "U2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "U2", "481 Gone", "U4") + "\n" + Expect("proxy", "core", "A", "ACK *"));
        Ladder.Run(Expect("alice", "box", "B1", "BYE *", "Reason: SIP;cause=408;text=\"Peer gone\""));
        Ladder.Run(Expect("proxy", "core", "B2", "BYE *"));
        Ladder.Run(Response("alice", "box", "U1", "200 OK", "U3") + "\n" +
            Response("alice", "box", "B1", "200 OK", "B3"));
        Ladder.Run(Response("proxy", "core", "B2", "481 Gone", "B4"));
        AssertEmpty();
    }

    [Fact]
    public void An_interval_that_is_too_small_is_raised()
    {
        Ladder.Run(Invite("Supported: timer\nSession-Expires: 90\nMin-SE: 90\nAllow: INVITE, UPDATE"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "Session-Expires: 200;refresher=uac\n!Min-SE"));
        Ladder.Run(Response("proxy", "core", "F2", "422 Small", "F3", "x", "Min-SE: 600") + "\n" +
            Expect("proxy", "core", "A", "ACK *"));
        Ladder.Run(Expect("proxy", "core", "F3", "INVITE *", "Session-Expires: 600;refresher=uac\nCSeq: 2 INVITE"));
    }

    [Fact]
    public void A_refresh_that_is_answered_late_is_acknowledged()
    {
        Begin();
        RefreshAlice();
        Ladder.Run(Expect("proxy", "core", "U2", "INVITE *") + "\n" +
            Response("proxy", "core", "U2", "100 Trying", "T") + "\nwait 5000 ms");
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U4", "", "Contact: <sip:bob@{proxy}>") + "\n" +
            Expect("proxy", "core", "U5", "ACK *", "CSeq: 2 ACK"));
        HangUp();
    }

    [Fact]
    public void A_refresh_that_is_never_answered_ends_the_call()
    {
        Begin();
        RefreshAlice();
        Ladder.Run(Expect("proxy", "core", "U2", "INVITE *") + "\n" +
            Response("proxy", "core", "U2", "100 Trying", "T"));
        Ladder.Run("alice <- box: B1 within 33000 ms\n  BYE *\n  Reason: SIP;cause=408;text=\"Peer gone\"");
        Ladder.Run(Response("alice", "box", "B1", "200 OK", "B3"));
        AssertEmpty();
    }

    [Fact]
    public void A_refresh_keeps_the_route_set_and_follows_the_contact()
    {
        Begin("\nRecord-Route: <sip:{proxy};lr>");
        RefreshAlice();
        Ladder.Run(Expect("proxy", "core", "U2", "INVITE sip:bob@{proxy} *", "Route: <sip:{proxy};lr>"));
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U4", "", "Contact: <sip:moved@{phone}>") + "\n" +
            Expect("proxy", "core", "U5", "ACK sip:moved@{phone} *", "Route: <sip:{proxy};lr>\nCSeq: 2 ACK"));
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U4", "", "Contact: <sip:moved@{phone}>") + "\n" +
            Expect("proxy", "core", "U5", "ACK sip:moved@{phone} *", "Route: <sip:{proxy};lr>\nCSeq: 2 ACK"));
        Ladder.Run(FromAlice("BYE", "H1", 2) + "\n" + Expect("proxy", "core", "H2", "BYE sip:moved@{phone} *"));
    }

    [Fact]
    public void A_refresh_that_is_too_frequent_comes_again_with_the_interval_asked_for()
    {
        Begin();
        Ladder.Run("alice <- box: U1 within 101000 ms\n  UPDATE *\n" +
            Response("alice", "box", "U1", "422 Small", "U3", "", "Min-SE: 600"));
        Ladder.Run(Expect("alice", "box", "U5", "UPDATE *", "Session-Expires: 600;refresher=uac\nCSeq: 2 UPDATE"));
    }

    [Fact]
    public void A_refresh_that_met_another_request_comes_again_soon()
    {
        Begin();
        Ladder.Run("alice <- box: U1 within 101000 ms\n  UPDATE *\n" +
            Response("alice", "box", "U1", "491 Pending", "U3") + "\nalice <- box: nothing within 2000 ms");
        Ladder.Run(Expect("alice", "box", "U5", "UPDATE *", "Session-Expires: 200;refresher=uac\nCSeq: 2 UPDATE"));
    }

    [Fact]
    public void An_early_dialog_that_wins_is_refreshed_too()
    {
        Ladder.Run(Invite("Supported: timer\nSession-Expires: 90\nAllow: INVITE, UPDATE\n" +
            "Content-Type: application/sdp\n\nv=0"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *") + "\n" + Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "180 Ringing", "R", "first", "Contact: <sip:a@{proxy}>") + "\n" +
            Expect("alice", "box", "R1", "SIP/2.0 180 *"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "{+bobtag}",
            "Contact: <sip:bob@{proxy}>\nSession-Expires: 200;refresher=uac\nRequire: timer\nAllow: INVITE"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "Session-Expires: 200;refresher=uas"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
        RefreshAlice();
        Ladder.Run(Expect("proxy", "core", "U2", "INVITE sip:bob@{proxy} *",
            "Session-Expires: 200;refresher=uac\n\nv=0"));
        Ladder.Run(Response("proxy", "core", "U2", "200 OK", "U4", "", "Contact: <sip:bob@{proxy}>") + "\n" +
            Expect("proxy", "core", "U5", "ACK *"));
        HangUp();
    }

    private void RefreshAlice() => Ladder.Run("alice <- box: U1 within 101000 ms\n  UPDATE *\n" +
        Response("alice", "box", "U1", "200 OK", "U3", "", "Contact: <sip:alice@{alice}>"));

    private void Begin(string more = "")
    {
        Ladder.Run(Invite("Supported: timer\nSession-Expires: 90\nAllow: INVITE, UPDATE\n" +
            "Content-Type: application/sdp\n\nv=0"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "Session-Expires: 200;refresher=uac"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "{+bobtag}",
            "Contact: <sip:bob@{proxy}>\nSession-Expires: 200;refresher=uac\nRequire: timer\nAllow: INVITE" + more));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *", "Session-Expires: 200;refresher=uas\n!Require"));
        Ladder.Run(FromAlice("ACK", "F5", 1) + "\n" + Expect("proxy", "core", "F6", "ACK *"));
    }
}

/// <summary>OPTIONS within answered calls.</summary>
public class DialogProbeTests() : CallLadder(rest: "timers: {dialog_probe_seconds: 30}")
{
    [Theory]
    [InlineData("200 OK")]
    [InlineData("405 No")]
    [InlineData("500 Broken")]
    public void Any_other_answer_than_408_and_481_is_a_sign_of_life(string status)
    {
        Establish();
        Ladder.Run("alice <- box: O1 within 31000 ms\n  OPTIONS sip:alice@{alice} *\n  CSeq: 1 OPTIONS");
        Ladder.Run(Expect("proxy", "core", "O2", "OPTIONS *", "CSeq: 2 OPTIONS"));
        Ladder.Run(Response("alice", "box", "O1", status, "O3") + "\n" + Response("proxy", "core", "O2", status, "O4"));
        Ladder.Run("wait 10000 ms");
        HangUp();
    }

    [Fact]
    public void An_end_that_says_nothing_is_gone()
    {
        Establish();
        Ladder.Run("proxy <- core: O2 within 31000 ms\n  OPTIONS *\n" +
            Response("proxy", "core", "O2", "200 OK", "O4"));
        Ladder.Run(Expect("alice", "box", "O1", "OPTIONS *"));
        for (int i = 0; i < 10; i++) Ladder.Run("alice <- box optional: O1 again within 4100 ms\n  OPTIONS *");
        Ladder.Run("proxy <- core: O3 within 4000 ms\n  OPTIONS *\n" +
            Response("proxy", "core", "O3", "200 OK", "O5"));
        Ladder.Run("proxy <- core: B1 within 40000 ms\n  BYE *\n  Reason: SIP;cause=408;text=\"Peer gone\"");
        AssertEmpty();
    }
}
