using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

/// <summary>IPv6 on one side and IPv4 on the other.</summary>
public class FamilyTests : MediaLadder
{
    public FamilyTests()
        : base("media: {address: [192.0.2.10, \"2001:db8::10\"], ports: 20000-20100, quarantine_ms: 100}")
    {
        Simulator.Network.AddLocalAddress(Address.Of("[2001:db8::10]:1"));
    }

    [Theory]
    [InlineData("c=IN IP6 2001:db8::7")]
    [InlineData("c=IN IP6 ::")]
    public void Each_side_reads_its_own_family(string connection)
    {
        string offer = Sdp("2001:db8::7", "m=audio 9000 RTP/AVP 0\n" + connection);
        bool isHeld = connection.EndsWith("::");
        Call(offer, "o=- * 1 IN IP4 10.0.0.10\nm=audio {b} RTP/AVP 0\nc=IN IP4 " + (isHeld ? "0.0.0.0" : "10.0.0.10"),
            Bob("m=audio 8000 RTP/AVP 0"), isHeld ? "m=audio {a} RTP/AVP 0"
                : "o=- * 1 IN IP6 2001:db8::10\nc=IN IP6 2001:db8::10\nm=audio {a} RTP/AVP 0");
        if (!isHeld)
        {
            string box = $"[2001:db8::10]:{Ladder.Value("a")}";
            Assert.Equal(3, Heard("10.0.0.21:8000", "[2001:db8::7]:9000", box));
            Assert.Equal(3, Heard("[2001:db8::7]:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b")}"));
        }
        HangUp();
    }

    [Fact]
    public void A_line_of_the_other_family_has_no_port_and_an_answer_in_it_is_not_sent_to()
    {
        Call(Alice("m=audio 9000 RTP/AVP 0\nm=video 9002 RTP/AVP 31\nc=IN IP6 2001:db8::7"),
            "m=audio {b} RTP/AVP 0\nm=video 0 RTP/AVP 31",
            Sdp("2001:db8::21", "m=audio 8000 RTP/AVP 0\nm=video 0 RTP/AVP 31"), "m=audio {a} RTP/AVP 0");
        Assert.Equal(0, Heard("10.0.0.21:8000", "203.0.113.7:9000", $"192.0.2.10:{Ladder.Value("a")}"));
        HangUp();
    }

    [Fact]
    public void A_phone_that_moves_to_the_other_family_gets_ports_of_it()
    {
        Call(Alice("m=audio 9000 RTP/AVP 0"), "m=audio {b} RTP/AVP 0", Bob("m=audio 8000 RTP/AVP 0"),
            "c=IN IP4 192.0.2.10\nm=audio {a} RTP/AVP 0");
        Reinvite(2, Sdp("2001:db8::7", "m=audio 9000 RTP/AVP 0", 2), "m=audio {b2} RTP/AVP 0\nc=IN IP4 10.0.0.10",
            "200 OK", Bob("m=audio 8000 RTP/AVP 0"), "c=IN IP6 2001:db8::10\nm=audio {a2} RTP/AVP 0");
        Assert.Equal(3, Heard("[2001:db8::7]:9000", "10.0.0.21:8000", $"10.0.0.10:{Ladder.Value("b2")}"));
        HangUp(3);
    }
}
