using System.Xml.Linq;
using Sbc.Engine;
using Sbc.Engine.Worker;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>The event package reg (RFC 3680): who may, hears the state of an address-of-record and its changes.
/// </summary>
public class RegEventTests : RegEventLadder
{
    private const string One = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000001>\"";

    [Fact]
    public void A_user_hears_of_all_that_happens_to_his_contacts()
    {
        SubscribeAsUser("Expires: 600");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK", "Expires: 600\nContact: <sip:*@{box}>"));
        XElement first = Notified("N1", "active;expires=600");
        AssertState(first, 0, "init");
        Registers($"Contact: <sip:bob@10.1.1.1>{One};q=0.5\nSupported: gruu", user: "bob", host: "nated", call: "one");
        AssertState(Notified("N2", "active;expires=*"), 1, "active", "sip:bob@10.1.1.1 active created");
        Ladder.Run("wait 6000 ms");
        Registers($"Contact: <sip:bob@10.1.1.1>{One};q=0.5\nSupported: gruu", user: "bob", host: "nated", call: "one");
        AssertState(Notified("N3", "active;expires=*"), 2, "active", "sip:bob@10.1.1.1 active refreshed");
        Ladder.Run("wait 6000 ms");
        Registers("Contact: <sip:bob@10.1.1.2>", user: "bob", host: "nated", call: "two");
        AssertState(Notified("N4", "active;expires=*"), 3, "active",
            "sip:bob@10.1.1.1 active refreshed", "sip:bob@10.1.1.2 active created");
        Ladder.Run("wait 6000 ms");
        Registers("Contact: <sip:bob@10.1.1.1>;expires=0", user: "bob", host: "nated", call: "one");
        AssertState(Notified("N5", "active;expires=*"), 4, "active",
            "sip:bob@10.1.1.2 active created", "sip:bob@10.1.1.1 terminated unregistered");
        Ladder.Run("wait 80000 ms");
        AssertState(Notified("N6", "active;expires=*"), 5, "terminated", "sip:bob@10.1.1.2 terminated expired");
        Refresh("Expires: 0", "S2");
        Ladder.Run(Expect("mallory", "box", "S2R", "SIP/2.0 200 OK", "Expires: 0"));
        AssertState(Notified("N7", "terminated;reason=timeout"), 6, "init");
        AssertEmpty();
    }

    [Fact]
    public void A_contact_shows_what_the_phone_said_of_itself_and_its_gruus()
    {
        Registers($"Contact: <sip:bob@10.1.1.1;a=%22&x>{One};q=0.5;audio;video=\"a&b\"\nSupported: gruu", user: "bob",
            host: "nated", call: "one");
        string temporary = Ladder.Value("R.Contact").Split("temp-gruu=\"")[1].Split('"')[0];
        SubscribeAsUser("Expires: 600");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        XElement contact = Notified("N1", "active;expires=600").Descendants(Info + "contact").Single();
        Assert.Equal("sip:bob@10.1.1.1;a=%22&x", contact.Element(Info + "uri")!.Value);
        Assert.Equal("0.5", contact.Attribute("q")!.Value);
        Assert.Equal("one-nated", contact.Attribute("callid")!.Value);
        Assert.Equal(["+sip.instance", "audio", "video"],
            contact.Elements(Info + "unknown-param").Select(each => each.Attribute("name")!.Value));
        Assert.Equal("\"<urn:uuid:00000000-0000-0000-0000-000000000001>\"",
            contact.Elements(Info + "unknown-param").First().Value);
        Assert.Equal("sip:bob@example.net;gr=urn:uuid:00000000-0000-0000-0000-000000000001",
            contact.Element(Gruu + "pub-gruu")!.Attribute("uri")!.Value);
        XElement shown = contact.Element(Gruu + "temp-gruu")!;
        Assert.Equal(contact.Attribute("cseq")!.Value, shown.Attribute("first-cseq")!.Value);
        Assert.Matches("^sip:[a-z2-7]+@example.net;gr$", shown.Attribute("uri")!.Value);
        Assert.NotEqual(temporary, shown.Attribute("uri")!.Value);
    }

    [Fact]
    public void A_trusted_network_watches_anybody_without_a_password()
    {
        Registers("Contact: <sip:bob@10.1.1.1>", user: "bob", host: "nated");
        Subscribe("proxy", "core", "sip:bob@example.net", "<sip:pbx@10.0.0.21>", "Expires: 600", "S1");
        Ladder.Run(Expect("proxy", "core", "S1R", "SIP/2.0 200 OK"));
        AssertState(Notified("N1", "active;expires=600", "proxy", "core"), 0, "active",
            "sip:bob@10.1.1.1 active created");
        Subscribe("proxy", "core", "sip:nobody@example.net", "<sip:pbx@10.0.0.21>", "Expires: 600", "S2");
        Ladder.Run(Expect("proxy", "core", "S2R", "SIP/2.0 404 *"));
    }

    [Fact]
    public void A_stranger_is_challenged_and_a_user_may_watch_himself_alone()
    {
        Subscribe("mallory", "box", "sip:bob@example.net", "<sip:bob@example.net>", "Expires: 600", "S1");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 401 Unauthorized", "WWW-Authenticate: Digest *"));
        Challenge("alice", "mallory");
        string credentials = Credentials("alice", "wonderland", "example.net", "SUBSCRIBE", 1);
        Subscribe("mallory", "box", "sip:bob@example.net", "<sip:alice@example.net>",
            $"Expires: 600\nAuthorization: {credentials}", "S2");
        Ladder.Run(Expect("mallory", "box", "S2R", "SIP/2.0 403 *"));
        AssertEmpty();
    }

    [Fact]
    public void An_expiry_of_0_asks_once()
    {
        SubscribeAsUser("Expires: 0");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK", "Expires: 0"));
        AssertState(Notified("N1", "terminated;reason=timeout"), 0, "init");
        AssertEmpty();
    }

    [Fact]
    public void What_is_not_refreshed_ends_with_a_last_word()
    {
        SubscribeAsUser("Expires: 60");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        Notified("N1", "active;expires=60");
        Ladder.Run("wait 58000 ms");
        Notified("N2", "terminated;reason=timeout");
        Refresh("Expires: 60", "S2");
        Ladder.Run(Expect("mallory", "box", "S2R", "SIP/2.0 481 *"));
        AssertEmpty();
    }

    [Fact]
    public void A_refresh_prolongs_it_and_brings_the_state()
    {
        SubscribeAsUser("Expires: 60");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        Notified("N1", "active;expires=60");
        Ladder.Run("wait 40000 ms");
        Refresh("Expires: 90", "S2");
        Ladder.Run(Expect("mallory", "box", "S2R", "SIP/2.0 200 OK", "Expires: 90"));
        AssertState(Notified("N2", "active;expires=90"), 1, "init");
        Ladder.Run("wait 80000 ms");
        Registers("Contact: <sip:bob@10.1.1.1>", user: "bob", host: "nated");
        Notified("N3", "active;expires=*");
    }

    [Theory]
    [InlineData("Expires: 5", "SIP/2.0 423 *", "Min-Expires: 60")]
    public void What_is_too_brief_is_refused(string lines, string status, string more)
    {
        SubscribeAsUser(lines);
        Ladder.Run(Expect("mallory", "box", "S1R", status, more));
        AssertEmpty();
    }

    [Theory]
    [InlineData("SUBSCRIBE", "Event: presence", "489 *")]
    [InlineData("SUBSCRIBE", "Event: reg;id=7", "489 *")]
    [InlineData("INFO", "", "405 *")]
    [InlineData("BYE", "", "481 *")]
    public void What_its_dialog_is_not_for_is_refused_and_changes_nothing(string method, string lines, string status)
    {
        SubscribeAsUser("Expires: 600");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        Notified("N1", "active;expires=600");
        InDialog(method, lines, "S2");
        Ladder.Run(Expect("mallory", "box", "S2R", $"SIP/2.0 {status}"));
        Registers("Contact: <sip:bob@10.1.1.1>", user: "bob", host: "nated");
        Notified("N2", "active;expires=*");
    }

    [Fact]
    public void The_id_of_its_event_comes_back()
    {
        SubscribeAsUser("Expires: 600", "reg;id=abc");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        Ladder.Run(Expect("mallory", "box", "N1", "NOTIFY sip:bob@203.0.113.66:5060 SIP/2.0", "Event: reg;id=abc"));
    }

    [Fact]
    public void Who_does_not_know_it_any_more_hears_no_more()
    {
        SubscribeAsUser("Expires: 600");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        Ladder.Run(Expect("mallory", "box", "N1", "NOTIFY *"));
        Ladder.Run(Response("mallory", "box", "N1", "481 Gone", "N1R"));
        Registers("Contact: <sip:bob@10.1.1.1>;expires=60", user: "bob", host: "nated");
        Ladder.Run("mallory <- box: nothing within 5000 ms");
        AssertEmpty();
    }

    [Fact]
    public void Who_answers_nothing_hears_no_more()
    {
        SubscribeAsUser("Expires: 600");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        AssertEmpty(60_000);
    }

    [Fact]
    public void Changes_in_quick_succession_are_told_together()
    {
        SubscribeAsUser("Expires: 600");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        Notified("N1", "active;expires=600");
        Registers("Contact: <sip:bob@10.1.1.1>", user: "bob", host: "nated", call: "one");
        AssertState(Notified("N2", "active;expires=*"), 1, "active", "sip:bob@10.1.1.1 active created");
        for (int i = 2; i < 6; i++)
            Registers($"Contact: <sip:bob@10.1.1.{i}>", user: "bob", host: "nated", call: $"c{i}");
        Registers("Contact: <sip:bob@10.1.1.1>;expires=0", user: "bob", host: "nated", call: "one");
        AssertState(Notified("N3", "active;expires=*"), 2, "active",
            "sip:bob@10.1.1.2 active created", "sip:bob@10.1.1.3 active created", "sip:bob@10.1.1.4 active created",
            "sip:bob@10.1.1.5 active created", "sip:bob@10.1.1.1 terminated unregistered");
        Ladder.Run("mallory <- box: nothing within 5000 ms");
    }

    [Fact]
    public void So_many_watch_one_user_and_no_more()
    {
        for (int i = 0; i < Limits.WatchersPerAorMax; i++)
        {
            Subscribe("proxy", "core", "sip:bob@example.net", "<sip:pbx@10.0.0.21>", "Expires: 600", $"S{i}");
            Ladder.Run(Expect("proxy", "core", $"A{i}", "SIP/2.0 200 OK"));
            Notified($"N{i}", "active;expires=600", "proxy", "core");
        }
        Subscribe("proxy", "core", "sip:bob@example.net", "<sip:pbx@10.0.0.21>", "Expires: 600", "S");
        Ladder.Run(Expect("proxy", "core", "A", "SIP/2.0 503 *", "Retry-After: *"));
        Subscribe("proxy", "core", "sip:alice@example.net", "<sip:pbx@10.0.0.21>", "Expires: 60", "T");
        Ladder.Run(Expect("proxy", "core", "TA", "SIP/2.0 200 OK"));
    }

    [Fact]
    public void Its_notifications_go_to_the_flow_of_a_phone_behind_nat()
    {
        Challenge("bob", "nated");
        string credentials = Credentials("bob", "builder", "example.net", "SUBSCRIBE", 1);
        Subscribe("nated", "box", "sip:bob@example.net", "<sip:bob@example.net>",
            $"Expires: 600\nAuthorization: {credentials}", "S1", "<sip:bob@10.1.2.3:5062>");
        Ladder.Run(Expect("nated", "box", "S1R", "SIP/2.0 200 OK"));
        Ladder.Run(Expect("nated", "box", "N1", "NOTIFY sip:bob@10.1.2.3:5062 SIP/2.0"));
    }

    [Fact]
    public void What_the_operator_takes_away_is_told_as_deactivated()
    {
        Registers("Contact: <sip:bob@10.1.1.1>", user: "bob", host: "nated");
        SubscribeAsUser("Expires: 600");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        Notified("N1", "active;expires=600");
        // Only its owner has it.
        foreach (SignallingWorker worker in Box.Workers.Signalling)
        {
            Assert.True(worker.Mailbox.TryPost(
                new ControlRequest(ControlKind.RemoveRegistrations) { Aor = "bob@example.net"u8.ToArray() }));
            worker.Doorbell.Ring();
        }
        AssertState(Notified("N2", "active;expires=*"), 1, "terminated", "sip:bob@10.1.1.1 terminated deactivated");
    }

    [Fact]
    public void The_stop_of_the_box_ends_it_with_a_word()
    {
        SubscribeAsUser("Expires: 600");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 200 OK"));
        Notified("N1", "active;expires=600");
        foreach (SignallingWorker worker in Box.Workers.Signalling)
        {
            Assert.True(worker.Mailbox.TryPost(new ControlRequest(ControlKind.Unregister)));
            worker.Doorbell.Ring();
        }
        Notified("N2", "terminated;reason=deactivated");
        AssertEmpty();
    }
}

/// <summary>The same in a realm with <c>authenticate: true</c>, which has asked already who it is.</summary>
public class AuthenticatedRegEventTests() : RegEventLadder(edge: "authenticate: true")
{
    [Theory]
    [InlineData("bob", "builder", "200 OK")]
    [InlineData("alice", "wonderland", "403 *")]
    public void A_user_who_has_proven_himself_watches_himself_alone(string user, string password, string status)
    {
        Subscribe("mallory", "box", "sip:bob@example.net", $"<sip:{user}@example.net>", "Expires: 600", "S1");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 407 *"));
        Challenge(user, "mallory");
        string credentials = Credentials(user, password, "example.net", "SUBSCRIBE", 1);
        Subscribe("mallory", "box", "sip:bob@example.net", $"<sip:{user}@example.net>",
            $"Expires: 600\nProxy-Authorization: {credentials}", "S2");
        Ladder.Run(Expect("mallory", "box", "S2R", $"SIP/2.0 {status}"));
    }
}

/// <summary>The same where nobody is asked for a password, and so nobody can prove who he is.</summary>
public class UnaskedRegEventTests() : RegEventLadder(registrar: "authenticate: false")
{
    [Fact]
    public void Only_the_trusted_network_watches()
    {
        Subscribe("mallory", "box", "sip:bob@example.net", "<sip:bob@example.net>", "Expires: 600", "S1");
        Ladder.Run(Expect("mallory", "box", "S1R", "SIP/2.0 403 *"));
        Subscribe("proxy", "core", "sip:anybody@example.net", "<sip:pbx@10.0.0.21>", "Expires: 600", "S2");
        Ladder.Run(Expect("proxy", "core", "S2R", "SIP/2.0 200 OK"));
    }
}
