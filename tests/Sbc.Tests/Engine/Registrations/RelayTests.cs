using Sbc.Engine.Registrations;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>What reaches the core registrar, what the phone is told, and what is answered in front of it.</summary>
public sealed class RelayTests : RelayLadder
{
    [Fact]
    public void A_challenge_passes_and_a_refresh_is_answered_in_front_of_the_registrar()
    {
        Ladder.Run(Register(Contact + ";+sip.instance=\"<urn:uuid:1>\"\nExpires: 600"));
        Ladder.Run(Expect("proxy", "core", "P1", "REGISTER sip:example.net SIP/2.0", """
            Via: SIP/2.0/UDP {core};branch=z9hG4bK{branch};rport
            !Via
            From: <sip:alice@example.net>;tag={tag1}
            To: <sip:alice@example.net>
            Contact: <sip:{id}@{core}>;expires=3600;+sip.instance="<urn:uuid:1>"
            !Contact
            !User-Agent
            !Authorization
            """));
        Ladder.Run(Response("proxy", "core", "P1", "401 Unauthorized", "Q1", "{+tag}",
            "WWW-Authenticate: Digest realm=\"example.net\", nonce=\"n\"\nServer: secret"));
        Ladder.Run(Expect("alice", "box", "A1", "SIP/2.0 401 Unauthorized",
            "WWW-Authenticate: Digest realm=\"example.net\", nonce=\"n\"\n!Server"));
        string credentials = "Authorization: Digest username=\"alice\", realm=\"example.net\", nonce=\"n\", "
            + "uri=\"sip:example.net\", response=\"00\"";
        Ladder.Run(Register($"{Contact};+sip.instance=\"<urn:uuid:1>\"\n{credentials}"));
        Ladder.Run(Expect("proxy", "core", "P2", "REGISTER sip:example.net SIP/2.0",
            $"Call-ID: {{P1.Call_ID}}\nContact: <sip:{{id}}@{{core}}>*\n{credentials}"));
        Ladder.Run(Response("proxy", "core", "P2", "200 OK", "Q2", "{+tag}", """
            Contact: <sip:alice@10.0.0.99>;expires=77, <sip:{id}@{core}>;expires=3600
            P-Associated-URI: <sip:alice@example.net>, <tel:+4930123>
            Service-Route: <sip:orig@10.0.0.30;lr>
            """));
        Ladder.Run(Expect("alice", "box", "A2", "SIP/2.0 200 OK", """
            Contact: <sip:alice@{alice}>;expires=*;+sip.instance="<urn:uuid:1>"
            !Contact
            P-Associated-URI: <sip:alice@example.net>, <tel:+4930123>
            !Service-Route
            """));
        Assert.InRange(Expires("A2"), 135, 150);
        IsAnsweredHere(expected: """
            Contact: <sip:alice@{alice}>;expires=*
            P-Associated-URI: <sip:alice@example.net>, <tel:+4930123>
            !Service-Route
            """);
    }

    [Fact]
    public void A_phone_behind_nat_is_told_90_seconds_less_up_to_a_tenth()
    {
        string contact = "Contact: <sip:n@192.168.1.5:5060>";
        Registers(contact, "nated", expected: "Contact: <sip:n@192.168.1.5:5060>;expires=*");
        var told = new HashSet<int>();
        for (int i = 0; i < 30; i++)
        {
            IsAnsweredHere(contact, "nated");
            Assert.InRange(Expires(), 81, 90);
            told.Add(Expires());
        }
        Assert.True(told.Count > 3);
    }

    [Fact]
    public void The_registrar_sees_less_than_one_in_ten()
    {
        string contact = "Contact: <sip:n@192.168.1.5:5060>";
        Registers(contact, "nated");
        for (long elapsed = 0; elapsed < 7_200_000;)
        {
            long wait = Expires() * 1000L - 5000;
            Ladder.Run($"wait {wait} ms");
            elapsed += wait;
            long relayed = Count(RegistrationResult.Relayed);
            Ladder.Run(Register(contact, "nated"));
            Simulator.RunFor(100);
            if (Count(RegistrationResult.Relayed) > relayed)
            {
                Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:{id}@{core}>*"));
                Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}",
                    "Contact: <sip:{id}@{core}>;expires=3600"));
            }
            Ladder.Run(Expect("nated", "box", "A", "SIP/2.0 200 OK"));
        }
        long all = Count(RegistrationResult.Relayed) + Count(RegistrationResult.Answered);
        Assert.InRange(Count(RegistrationResult.Relayed), 3, 4);
        Assert.True(Count(RegistrationResult.Relayed) * 20 < all, $"{all}");
    }

    [Fact]
    public void Several_contacts_get_a_name_each_and_some_of_them_leave()
    {
        Ladder.Run(Register("Contact: <sip:a@{alice}>;q=0.5, <sip:b@{alice}>"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", """
            Contact: <sip:{a}@{core}>;expires=3600;q=0.5
            Contact: <sip:{b}@{core}>;expires=3600
            !Contact
            """));
        Assert.NotEqual(Ladder.Value("a"), Ladder.Value("b"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}",
            "Contact: <sip:{a}@{core}>;expires=3600, <sip:{b}@{core}>;expires=600"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK",
            "Contact: <sip:a@{alice}>;expires=*;q=0.5\nContact: <sip:b@{alice}>;expires=*\n!Contact"));
        Assert.Equal(2, Bindings);
        Ladder.Run(Register("Contact: <sip:a@{alice}>;expires=0"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:{a}@{core}>;expires=0\n!Contact"));
        Assert.Equal(2, Bindings);
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}", "Contact: <sip:{b}@{core}>;expires=599"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", "Contact: <sip:b@{alice}>;expires=*\n!Contact"));
        Assert.Equal(1, Bindings);
        Ladder.Run(Register("Contact: *\nExpires: 0"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: *\n!Contact\nExpires: 0"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", "!Contact"));
        AssertGone();
    }

    [Fact]
    public void A_binding_stays_while_the_registrar_has_not_agreed_to_its_removal()
    {
        Registers();
        Ladder.Run(Register(Contact + ";expires=0"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:{id}@{core}>;expires=0"));
        Ladder.Run(Response("proxy", "core", "P", "401 Unauthorized", "Q", "{+tag}", "WWW-Authenticate: Digest a=b"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 401 *"));
        Assert.Equal(1, Bindings);
    }

    [Fact]
    public void What_the_registrar_no_longer_names_is_gone()
    {
        Registers("Contact: <sip:a@{alice}>");
        Ladder.Set("first", Ladder.Value("id"));
        Ladder.Run(Register("Contact: <sip:b@{second}>", "mallory", call: "other"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:{b}@{core}>*"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}", "Contact: <sip:{b}@{core}>;expires=3600"));
        Ladder.Run(Expect("mallory", "box", "A", "SIP/2.0 200 OK", "Contact: <sip:b@{second}>;expires=*\n!Contact"));
        Assert.Equal(1, Bindings);
    }

    [Fact]
    public void A_refusal_of_the_phone_itself_ends_its_binding_and_that_of_a_stranger_does_not()
    {
        Registers();
        foreach ((string host, int left) in new[] { ("mallory", 1), ("alice", 0) })
        {
            Ladder.Run(Register(Contact + "\nAuthorization: Digest a=b", host, call: "new"));
            if (host == "alice")
            {
                // It has the same address and name: it is answered here until the registrar shall see it.
                Ladder.Run(Expect(host, "box", "A", "SIP/2.0 200 OK"));
                Simulator.RunFor(100);
                Ladder.Run(Register(Contact + ";expires=0", host, call: "new"));
            }
            Ladder.Run(Expect("proxy", "core", "P", "REGISTER *"));
            Ladder.Run(Response("proxy", "core", "P", "403 Forbidden", "Q", "{+tag}"));
            Ladder.Run(Expect(host, "box", "A", "SIP/2.0 403 Forbidden"));
            Assert.Equal(left, Bindings);
        }
        AssertGone();
    }

    [Fact]
    public void The_registrars_minimum_is_followed_and_remembered()
    {
        Ladder.Run(Register(Contact));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:{id}@{core}>;expires=3600"));
        Ladder.Run(Response("proxy", "core", "P", "423 Interval Too Brief", "Q", "{+tag}", "Min-Expires: 7200"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:{id}@{core}>;expires=7200"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}", "Contact: <sip:{id}@{core}>;expires=7200"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK"));
        Ladder.Run(Register("Contact: <sip:other@{alice}>"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:*@{core}>;expires=7200"));
    }

    [Fact]
    public void The_boxs_own_minimum_holds_for_phones()
    {
        Ladder.Run(Register(Contact + "\nExpires: 30"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 423 *", "Min-Expires: 60"));
        AssertGone();
    }

    [Fact]
    public void A_domain_that_is_not_served_is_refused_and_the_boxs_own_address_stands_for_the_first()
    {
        Ladder.Run(Register(Contact, domain: "example.com"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 404 *"));
        Ladder.Run(Register(Contact, domain: "{box.host}"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER sip:example.net SIP/2.0",
            "From: <sip:alice@example.net>;tag=*\nTo: <sip:alice@example.net>"));
    }

    [Fact]
    public void A_question_is_the_registrars()
    {
        Registers();
        Ladder.Run(Register(""));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "!Contact"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}",
            "Contact: <sip:{id}@{core}>;expires=3000\nContact: <sip:x@10.0.0.7>;expires=3000"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", Contact + ";expires=*\n!Contact"));
        Ladder.Run(Register(""));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "!Contact"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", "!Contact"));
        AssertGone();
    }

    [Fact]
    public void What_the_registrar_does_not_take_is_not_known_here()
    {
        Ladder.Run(Register(Contact));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}"));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 200 OK", "!Contact"));
        AssertGone();
    }

    [Fact]
    public void After_a_power_cut_a_phone_is_known_by_address_and_contact_and_then_seen_by_the_registrar()
    {
        string contact = "Contact: <sip:n@192.168.1.5:5060>";
        Registers(contact, "nated");
        Ladder.Host("rebooted", "203.0.113.8:41000");
        Simulator.RunFor(100);
        // The registrar, which has time, sees it first.
        Ladder.Run(Register(contact, "rebooted", call: "new"));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER *", "Contact: <sip:{id}@{core}>*"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}", "Contact: <sip:{id}@{core}>;expires=3600"));
        Ladder.Run(Expect("rebooted", "box", "A", "SIP/2.0 200 OK", contact + ";expires=*\n!Contact"));
        Assert.Equal(1, Bindings);
        IsAnsweredHere(contact, "rebooted", "new");
    }

    [Fact]
    public void A_late_number_changes_nothing()
    {
        Registers();
        Ladder.Run(Register(Contact).Replace("CSeq: 2 ", "CSeq: 1 ", StringComparison.Ordinal));
        Ladder.Run(Expect("alice", "box", "A", "SIP/2.0 500 *"));
        Ladder.ExpectNothingMore(100);
    }

    [Fact]
    public void A_binding_ends_with_the_registrars_expiry()
    {
        Registers(granted: "200");
        Simulator.RunFor(199_000);
        Assert.Equal(1, Bindings);
        Simulator.RunFor(2000);
        AssertGone();
    }
}
