using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>What users who mean harm register, and who guesses passwords.</summary>
public sealed class HostileRegisterTests : RegisterLadder
{
    private const string Instance = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000001>\"";

    [Theory]
    [InlineData("sip:bob@192.168.1.7?Route=%3Csip:10.0.0.21;lr%3E", "sip:bob@192.168.1.7")]
    [InlineData("sip:bob@192.168.1.7;method=BYE;line=7?Subject=x", "sip:bob@192.168.1.7;line=7")]
    [InlineData("sip:bob@192.168.1.7;line=7;Method=REGISTER", "sip:bob@192.168.1.7;line=7")]
    public void A_contact_chooses_no_method_and_no_header_fields_of_requests_to_it(string contact, string uri)
    {
        Registers($"Contact: <{contact}>", user: "bob", host: "mallory", more: $"Contact: <{contact}>;expires=90");
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("mallory", "box", "F2", $"INVITE {uri} SIP/2.0", "!Route"));
    }

    [Fact]
    public void A_user_whom_a_reload_took_away_is_not_called()
    {
        Registers("Contact: <sip:bob@{mallory}>", user: "bob", host: "mallory");
        Box.Publish(Text.Replace("- {user: bob, password: builder}", "", StringComparison.Ordinal));
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 404 *"));
    }

    [Fact]
    public void A_zero_ends_no_contact_and_no_user()
    {
        Registers("Contact: <sip:%00@host5.example.com>\nContact: <sip:%00%00@host5.example.com>", more: """
            Contact: <sip:%00@host5.example.com>;expires=90
            Contact: <sip:%00%00@host5.example.com>;expires=90
            !Contact
            """);
        Ladder.Run(Authorized("").Replace(
            "To: <sip:alice@", "To: <sip:alice%00@", StringComparison.Ordinal));
        Ladder.Run(Expect("alice", "box", "F", "SIP/2.0 403 *"));
    }

    [Fact]
    public void One_flow_has_one_contact_in_a_request()
    {
        Registers($"Contact: <sip:a@10.1.1.1>{Instance};reg-id=1, <sip:b@10.1.1.1>{Instance};reg-id=1\n" +
            "Supported: outbound", "SIP/2.0 400 *");
        Assert.Equal(0, Box.Workers.Locations.Count);
    }

    [Theory]
    [InlineData("alice")]
    [InlineData("nobody")]
    public void Each_guess_costs_the_same_and_only_the_first_ones_are_looked_at(string user)
    {
        Challenge();
        for (int i = 1; i <= 30; i++)
        {
            // Another nonce each time, as who guesses has it.
            Ladder.Run(Authorized("Contact: <sip:x@{alice}>", user, password: "guess", count: 1));
            Ladder.Run(Expect("alice", "box", "F", "SIP/2.0 401 Unauthorized", Challenges));
            Assert.Equal(Math.Min(i, 20), Computed);
        }
        Assert.Equal(30, Box.Workers.Signalling.Sum(worker => worker.Counters.AuthFailures(0)));
        Assert.Equal(10, Box.Workers.Signalling.Sum(worker => worker.Counters.AuthUnheard(0)));
        Assert.Equal(20, Box.Workers.FailedLogins.Count(Address.Of("203.0.113.7:1"), Simulator.Now));
        // Who knows the password, from there, is not told so either.
        Ladder.Run(Authorized("Contact: <sip:alice@{alice}>", count: 1));
        Ladder.Run(Expect("alice", "box", "F", "SIP/2.0 401 Unauthorized", Challenges));
        // From elsewhere he is heard.
        Registers("Contact: <sip:alice@{mallory}>", host: "mallory");
        Ladder.Run("wait 11000 ms");
        Challenge();
        Registers("Contact: <sip:alice@{alice}>", call: "later");
        AssertEmpty(4_000_000);
    }

    [Fact]
    public void Credentials_come_from_where_the_challenge_went()
    {
        Registers("Contact: <sip:bob@{mallory}>", user: "bob", host: "mallory");
        // mallory has the nonce and writes another one's address on his datagrams: they are not looked at, count for
        // nobody, and register nothing there.
        for (int i = 1; i <= 30; i++)
        {
            Ladder.Run(Authorized("Contact: <sip:x@{nated}>", "bob", "nated", password: "guess", count: i + 1));
            Ladder.Run(Expect("nated", "box", "F", "SIP/2.0 401 Unauthorized",
                "WWW-Authenticate: Digest realm=\"example.net\", nonce=\"*\", algorithm=SHA-256, "
                + "qop=\"auth,auth-int\", stale=true"));
        }
        Ladder.Run(Authorized("Contact: <sip:bob@{nated}>", "bob", "nated", count: 50));
        Ladder.Run(Expect("nated", "box", "F", "SIP/2.0 401 Unauthorized"));
        Assert.Equal(1, Computed);
        Assert.Equal(0, Box.Workers.FailedLogins.Count(Address.Of("203.0.113.8:1"), Simulator.Now));
        Challenge("bob", "nated");
        Registers("Contact: <sip:bob@{nated}>", user: "bob", host: "nated");
    }

    [Fact]
    public void A_success_takes_one_failure_back()
    {
        for (int i = 0; i < 30; i++)
        {
            Ladder.Run(Authorized("Contact: <sip:x@{nated}>", "bob", "nated", password: "guess", count: 1));
            Ladder.Run(Expect("nated", "box", "F", "SIP/2.0 401 Unauthorized"));
            Challenge("alice", "nated");
            Registers("Contact: <sip:alice@{nated}>", host: "nated");
            Ladder.Run("wait 100 ms");
        }
        Assert.Equal(0, Box.Workers.FailedLogins.Count(Address.Of("203.0.113.8:1"), Simulator.Now));
    }

    [Fact]
    public void A_listener_that_took_the_place_of_another_one_does_not_lead_to_its_phones()
    {
        Box.Publish(WithDoor(5070));
        Ladder.Peer("door", "192.0.2.10:5070");
        Simulator.RunFor(100);
        Challenge("bob", "mallory");
        Ladder.Run(Authorized("Contact: <sip:bob@{mallory}>", "bob", "mallory").Replace(
            "mallory -> box", "mallory -> door", StringComparison.Ordinal));
        Ladder.Run(Expect("mallory", "door", "R", "SIP/2.0 200 OK"));
        Assert.Equal(2, ListenerOfBob().Index);
        // Other doors come and go until one of them has the place of that one.
        int doors = 0;
        Listener();
        while (ListenerAt(2) is not { IsRetired: false } || ListenerAt(2).Local.Port == 5070)
        {
            Assert.True(++doors < 200);
            Listener();
        }
        Assert.Equal(1, Box.Workers.Locations.Count);
        Assert.Null(Box.Workers.Snapshots.Current.ListenerOf(2, ListenerOfBob().Generation));
        Ladder.Run(Invite(uri: "sip:bob@example.net"));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 480 *"));
        // He is back with his next refresh.
        Challenge("bob", "mallory");
        Registers("Contact: <sip:bob@{mallory}>", user: "bob", host: "mallory", call: "new");
        Ladder.Run(Invite(uri: "sip:bob@example.net", label: "G1").Replace("{+", "{+g", StringComparison.Ordinal));
        Ladder.Run(Expect("mallory", "box", "F3", "INVITE sip:bob@{mallory} SIP/2.0"));

        void Listener()
        {
            Box.Publish(WithDoor(6000 + doors));
            Simulator.RunFor(4000);
        }
    }

    private Sbc.Engine.Routing.Listener ListenerAt(int index) => Box.Workers.Snapshots.Current.Listeners[index];

    private (int Index, int Generation) ListenerOfBob()
    {
        var found = new FoundBindings();
        Assert.True(Box.Workers.Locations.TryRead("bob@example.net"u8, Simulator.Now, found));
        return (found[0].Listener, found[0].ListenerGeneration);
    }

    private string WithDoor(int port) => Text.Replace("listen: [udp://192.0.2.10:5060]",
        $"listen: [udp://192.0.2.10:5060, udp://192.0.2.10:{port}]", StringComparison.Ordinal);

    private const string Challenges =
        "WWW-Authenticate: Digest realm=\"example.net\", nonce=\"*\", algorithm=SHA-256, qop=\"auth,auth-int\"\n" +
        "WWW-Authenticate: Digest realm=\"example.net\", nonce=\"*\", algorithm=MD5, qop=\"auth\"\n!WWW-Authenticate";

    private long Computed => Box.Workers.Signalling.Sum(worker => worker.Parts.Authenticator.Computed);
}
