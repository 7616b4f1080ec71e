using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>Descriptions that are refused, hidden in other bodies, filtered, or name what they should not.</summary>
public class DescriptionTests : MediaLadder
{
    private const string Audio = "m=audio 9000 RTP/AVP 0";

    [Theory]
    [InlineData("v=0", "400", "NoOrigin")]
    [InlineData("o=- 1 1 IN IP4 203.0.113.7", "400", "NotVersionZero")]
    [InlineData("v=0\no=- 1 1 IN IP4 203.0.113.7\nm=audio 9000 RTP/AVP 0", "400", "NoConnection")]
    [InlineData("v=0\no=- 1 1 IN IP4 203.0.113.7\nc=IN IP4 1.1.1.1\nm=audio 65536 RTP/AVP 0", "400", "MalformedMedia")]
    [InlineData("v=0\no=- 1 1 IN IP4 203.0.113.7\nv=0", "400", "SecondSession")]
    [InlineData("v=0\no=- 1 1 IN IP4 203.0.113.7\nnonsense", "400", "MalformedLine")]
    public void What_cannot_be_read_is_refused_with_the_reason(string body, string code, string reason)
    {
        Ladder.Run(Invite("Content-Type: application/sdp\n\n" + body));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F4", $"SIP/2.0 {code} *", $"Warning: 399 sbc \"SDP: {reason}\""));
        Ladder.Run("proxy <- core: nothing within 50 ms");
    }

    [Fact]
    public void Thousands_of_lines_are_refused()
    {
        string lines = string.Join('\n', Enumerable.Repeat(Audio, 1500));
        Ladder.Run(Invite(Alice(lines)) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 488 *", "Warning: 399 sbc \"SDP: TooManyMedia\""));
    }

    [Fact]
    public void Lines_beyond_the_limit_have_no_port()
    {
        IEnumerable<string> lines = Enumerable.Range(0, 12).Select(i => $"m=audio {9000 + i} RTP/AVP {i}");
        Ladder.Run(Invite(Alice(string.Join('\n', lines))));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *",
            "\nm=audio 300* RTP/AVP 7\nm=audio 0 RTP/AVP 8\nm=audio 0 RTP/AVP 11"));
    }

    [Fact]
    public void What_no_relay_of_datagrams_can_carry_is_not_acceptable()
    {
        Ladder.Run(Invite(Alice("m=message 9010 TCP/MSRP *")) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 488 *", "Warning: 304 sbc *"));
    }

    [Fact]
    public void A_family_that_the_realm_has_not_is_not_acceptable()
    {
        Ladder.Run(Invite(Sdp("2001:db8::7", Audio)) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 488 *", "Warning: 301 sbc *"));
    }

    [Theory]
    [InlineData("c=IN IP4 pbx.core.example", "o=- 1 1 IN IP4 pbx.core.example")]
    [InlineData("a=rtcp:8001 IN IP4 pbx.core.example", "c=IN IP4 10.0.0.21")]
    [InlineData("u=http://pbx.core.example", "k=uri:https://pbx.core.example/key\nc=IN IP4 10.0.0.21")]
    [InlineData("a=candidate:1 1 UDP 1 pbx.core.example 8998 typ host", "c=IN IP4 10.0.0.21\na=alt:1 1 : 10.0.0.21 1")]
    public void A_name_of_the_core_stays_there(string line, string session)
    {
        session = session.Contains("o=", StringComparison.Ordinal) ? session : $"o=- 1 1 IN IP4 10.0.0.21\n{session}";
        Call(Alice(Audio), "m=audio {b} RTP/AVP 0",
            $"Content-Type: application/sdp\n\nv=0\n{session}\ns=-\nm=audio 8000 RTP/AVP 0\n{line}",
            "m=audio {a} RTP/AVP 0\n!*core.example*\n!*10.0.0.*");
        // Where its own realm believes descriptions only, the name is where its signalling comes from.
        Assert.Equal(3, Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        Assert.Equal(3, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        HangUp();
    }

    [Fact]
    public void A_stranger_s_name_is_not_asked_for_and_its_media_awaited_where_it_signals_from()
    {
        Call("Content-Type: application/sdp\n\nv=0\no=- 1 1 IN IP4 a\nc=IN IP4 proxy.core.example\n" + Audio,
            "m=audio {b} RTP/AVP 0\nc=IN IP4 10.0.0.10", Bob("m=audio 8000 RTP/AVP 0"), "m=audio {a} RTP/AVP 0");
        Assert.Equal(0, Heard("203.0.113.7:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        Heard("10.0.0.21:8000", "203.0.113.7:40000", $"192.0.2.10:{Ladder.Value("a")}");
        Assert.Equal(3, Heard("203.0.113.7:40000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        HangUp();
    }

    [Fact]
    public void A_group_on_one_port_is_taken_apart()
    {
        Call(Alice("a=group:BUNDLE 0 1\nm=audio 9000 RTP/AVP 0\na=mid:0\nm=video 0 RTP/AVP 31\na=mid:1\na=bundle-only"),
            "m=audio {b} RTP/AVP 0\nm=video 0 RTP/AVP 31\n!a=group*\n!a=bundle-only\na=mid:0",
            Bob("m=audio 8000 RTP/AVP 0\na=mid:0\nm=video 0 RTP/AVP 31"), "m=audio {a} RTP/AVP 0");
        HangUp();
    }

    [Theory]
    [InlineData("early-session;handling=optional", "application/sdp")]
    [InlineData("early-session ; handling=\"optional\"", "multipart/mixed;boundary=b1")]
    public void What_need_not_be_understood_is_left_out(string disposition, string type)
    {
        bool isWhole = type == "application/sdp";
        string body = isWhole
            ? $"Content-Disposition: {disposition}\n" + Alice(Audio)
            : $"Content-Type: {type}\n\n--b1\nContent-Type: application/sdp\nContent-Disposition: {disposition}\n\n" +
                $"{Text("203.0.113.7", Audio)}\n--b1--";
        Ladder.Run(Invite(body));
        Ladder.Run(Expect(
            "proxy", "core", "F2", "INVITE *", "Content-Length: 0\n!Content-Type\n!Content-Disposition"));
    }

    [Fact]
    public void A_part_that_need_not_be_understood_goes_and_the_session_stays()
    {
        Ladder.Run(Invite($"""
            Content-Type: multipart/mixed; boundary=b1

            --b1
            Content-Type: application/sdp
            Content-Disposition: early-session;handling=optional

            {Text("203.0.113.99", Audio)}

            --b1
            Content-Type: application/sdp
            Content-Disposition: session;handling=optional

            {Text("203.0.113.7", Audio)}

            --b1
            Content-Type: text/plain

            hello
            --b1--
            """));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", """
            Content-Type: multipart/*; boundary=b1

            --b1
            hello
            !Content-Disposition: early-session*
            c=IN IP4 10.0.0.10
            m=audio 300* RTP/AVP 0
            --b1--
            !*203.0.113*
            """));
    }

    [Fact]
    public void A_body_without_a_type_is_what_its_receiver_would_take_it_for()
    {
        Ladder.Strict = false;
        Ladder.Run(Invite("\n" + Text("203.0.113.7", Audio)));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "\nc=IN IP4 10.0.0.10\n!*203.0.113*"));
    }

    [Theory]
    [InlineData("Content-Encoding: gzip")]
    [InlineData("Content-Disposition: early-session")]
    public void What_is_encoded_or_meant_for_something_else_is_unsupported(string header)
    {
        Ladder.Run(Invite(header + "\n" + Alice(Audio)) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect(
            "alice", "box", "F4", "SIP/2.0 415 *", "Accept: application/sdp, *\nAccept-Encoding: identity"));
    }

    [Theory]
    [InlineData("mixed")]
    [InlineData("alternative")]
    public void A_description_among_other_parts_is_rewritten_in_its_place(string kind)
    {
        Ladder.Run(Invite($"""
            Content-Type: multipart/{kind}; boundary=b1

            --b1
            Content-Type: text/plain

            hello
            --b1
            Content-Type: application/sdp
            Content-Length: 7
            Content-Disposition: session;handling=required

            {Text("203.0.113.7", Audio)}

            --b1
            Content-Type: application/pidf+xml

            <presence entity="sip:alice@203.0.113.7"/>
            --b1--
            """));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", """
            Content-Type: multipart/*; boundary=b1

            --b1
            hello
            Content-Type: application/sdp
            !Content-Length: 7
            c=IN IP4 10.0.0.10
            m=audio 300* RTP/AVP 0
            <presence entity="sip:alice@10.0.0.10"/>
            --b1--
            !*203.0.113*
            """));
    }

    [Theory]
    [InlineData(
        "--b1\nContent-Type: application/sdp\n\nv=0\n--b1\nContent-Type: application/sdp\n\nv=0\n--b1--", "415")]
    [InlineData("--b1\nContent-Type: application/sdp\nContent-Encoding: gzip\n\nv=0\n--b1--", "415")]
    [InlineData("--b1\nContent-Type: application/sdp\n\nv=0\n--b1--", "400")]
    [InlineData("--b2\nContent-Type: application/sdp\n\nv=0\n--b2--", "400")]
    [InlineData("--b1\nContent-Type: text/plain\nContent-Type: application/sdp\n\nv=0\n--b1--", "400")]
    public void Parts_that_cannot_be_anchored_refuse_the_whole(string body, string code)
    {
        Ladder.Run(Invite("Content-Type: multipart/mixed;boundary=b1\n\n" + body) + "\n" +
            Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F4", $"SIP/2.0 {code} *") + "\nproxy <- core: nothing within 50 ms");
    }

    [Fact]
    public void What_a_refusal_says_it_could_do_names_nobody()
    {
        Ladder.Run(Invite(Alice(Audio)) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *"));
        Ladder.Run(Response("proxy", "core", "F2", "488 No", "F3", "b", Bob("m=audio 8000 RTP/AVP 8")));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 488 *", "\nm=audio 0 RTP/AVP 8\n!*10.0.0.*"));
    }

    [Theory]
    [InlineData("10.0.0.99:8000", "203.0.113.7")]
    [InlineData("127.0.0.1:8000", "203.0.113.7")]
    [InlineData("239.1.1.1:8000", "203.0.113.7")]
    [InlineData("192.0.2.10:5060", "203.0.113.7")]
    [InlineData("10.0.0.21:8000", "10.0.0.21")]
    public void A_stranger_who_names_the_core_is_not_believed_and_hears_where_it_sends_from(string named, string rtcp)
    {
        string host = named.Split(':')[0], port = named.Split(':')[1];
        Call(Sdp(host, $"m=audio {port} RTP/AVP 0\na=rtcp:9001 IN IP4 {rtcp}"), "m=audio {b} RTP/AVP 0",
            Bob("m=audio 8100 RTP/AVP 0"), "m=audio {a} RTP/AVP 0");
        if (host is "10.0.0.99") Assert.Equal(0, Heard(named, "10.0.0.21:8100", $"10.0.0.10:{Ladder.Value("b")}"));
        Heard("10.0.0.21:8100", "203.0.113.7:40000", $"192.0.2.10:{Ladder.Value("a")}");
        Assert.Equal(3, Heard("203.0.113.7:40000", "10.0.0.21:8100", $"10.0.0.10:{Ladder.Value("b")}"));
        HangUp();
    }

    [Theory]
    [InlineData("m=audio {b} RTP/AVP 0")]
    [InlineData("m=audio 30098 RTP/AVP 0")]
    public void A_port_of_ours_that_is_the_calls_own_or_nobodys_is_refused(string media)
    {
        Ladder.Run(Invite(Alice(Audio)) + "\n" + Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("proxy", "core", "F2", "INVITE *", "\nm=audio {b} RTP/AVP 0"));
        Ladder.Run(Response("proxy", "core", "F2", "200 OK", "F3", "b",
            "Contact: <sip:bob@{proxy}>\n" + Sdp(CoreAddress, media)));
        Ladder.Run(Expect("alice", "box", "F4", "SIP/2.0 200 *"));
        Assert.True(Dropped(DropReason.OwnPort) > 0);
    }
}
