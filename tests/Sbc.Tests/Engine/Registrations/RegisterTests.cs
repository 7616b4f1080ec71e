using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>The registrar of its own (RFC 3261 10.3), over two workers.</summary>
public class RegisterTests : RegisterLadder
{
    private const string Contact = "Contact: <sip:alice@{alice}>";

    [Fact]
    public void A_phone_registers_refreshes_asks_and_leaves()
    {
        Registers(Contact, more: "Contact: <sip:alice@{alice}>;expires=3600\n!Contact");
        Registers(Contact + ";expires=600", more: "Contact: <sip:alice@{alice}>;expires=600\n!Contact");
        Assert.Equal(1, Box.Workers.Locations.Count);
        Registers("", more: "Contact: <sip:alice@{alice}>;expires=600\n!Contact");
        Registers(Contact + ";expires=0", more: "!Contact");
        Assert.Equal(0, Box.Workers.Locations.Count);
        AssertEmpty();
    }

    [Fact]
    public void A_binding_is_gone_when_it_has_expired()
    {
        Registers(Contact + "\nExpires: 60", more: "Contact: <sip:alice@{alice}>;expires=60");
        Ladder.Run("wait 59000 ms");
        Assert.Equal(1, Box.Workers.Locations.Count);
        Ladder.Run("wait 1100 ms");
        Assert.Equal(0, Box.Workers.Locations.Count);
        AssertEmpty();
    }

    [Fact]
    public void The_star_removes_all_of_them()
    {
        Registers("Contact: <sip:a@{alice}>;q=0.5, <sip:b@{alice}>;q=0.25\nContact: <sip:c@{alice}>", more: """
            Contact: <sip:a@{alice}>;expires=3600;q=0.5
            Contact: <sip:b@{alice}>;expires=3600;q=0.25
            Contact: <sip:c@{alice}>;expires=3600
            """);
        Registers("Contact: *", "SIP/2.0 400 *");
        Registers("Contact: *\nExpires: 60", "SIP/2.0 400 *");
        Registers("Contact: *, <sip:c@{alice}>\nExpires: 0", "SIP/2.0 400 *");
        Registers("Contact: *\nExpires: 0", more: "!Contact");
        AssertEmpty();
    }

    [Fact]
    public void Some_are_removed_and_the_others_stay()
    {
        Registers("Contact: <sip:a@{alice}>, <sip:b@{alice}>");
        Registers("Contact: <sip:a@{alice}>;expires=0, <sip:c@{alice}>", more: """
            Contact: <sip:b@{alice}>;expires=3600
            Contact: <sip:c@{alice}>;expires=3600
            !Contact
            """);
    }

    [Theory]
    [InlineData("<sip:b@{alice}>;q=1.5", "400 *")]
    [InlineData("<sip:b@{alice}>;q=2", "400 *")]
    [InlineData("<sip:b@{alice}>;q=.5", "400 *")]
    [InlineData("<sip:b@{alice}>;expires=59", "423 Interval Too Brief")]
    [InlineData("<mailto:b@example.net>", "416 *")]
    [InlineData("<sip:b@{alice}>;reg-id=0", "400 *")]
    [InlineData("<sip:b@{alice}>;reg-id=x", "400 *")]
    [InlineData("<sip:b@ {alice}>", "400 *")]
    [InlineData("<sip:a@{alice}>", "400 *")]
    public void One_that_is_refused_takes_the_others_with_it(string contact, string status)
    {
        Registers($"Contact: <sip:a@{{alice}}>, {contact}", $"SIP/2.0 {status}",
            status.StartsWith("423") ? "Min-Expires: 60" : "");
        Assert.Equal(0, Box.Workers.Locations.Count);
        AssertEmpty();
    }

    [Theory]
    [InlineData("4294967295")]
    [InlineData("4294967296")]
    [InlineData("99999999999999999999999")]
    [InlineData("-1")]
    [InlineData("soon")]
    public void An_expiry_that_is_no_number_or_too_large_is_the_longest(string expires)
    {
        Registers($"Contact: <sip:a@{{alice}}>;expires={expires}", more: "Contact: <sip:a@{alice}>;expires=3600");
    }

    [Fact]
    public void Thousands_of_contacts_are_refused()
    {
        Registers($"Contact: {string.Join(", ", Enumerable.Range(0, 1000).Select(i => $"<sip:{i}@192.0.2.9>"))}",
            "SIP/2.0 403 Too Many Contacts");
        Registers($"Contact: {string.Join(", ", Enumerable.Range(0, 11).Select(i => $"<sip:{i}@192.0.2.9>"))}",
            "SIP/2.0 403 Too Many Contacts");
        Registers($"Contact: {string.Join(", ", Enumerable.Range(0, 10).Select(i => $"<sip:{i}@192.0.2.9>"))}");
        Registers("Contact: <sip:eleventh@192.0.2.9>", "SIP/2.0 403 Too Many Contacts");
        Registers($"Contact: <sip:{new string('x', 50_000)}@192.0.2.9>", "SIP/2.0 400 Contact Too Long");
        Assert.Equal(10, Box.Workers.Locations.Count);
        Assert.Equal(0, Box.Dropped(Sbc.Runtime.DropReason.InternalError));
    }

    [Fact]
    public void Domains_that_are_not_served_are_not_found()
    {
        foreach (string domain in new[] { "example.com", "[2001:db8::9]" })
        {
            Ladder.Run(Register("alice", "alice", Contact, "x", domain));
            Ladder.Run(Expect("alice", "box", "F", "SIP/2.0 404 *"));
        }
        Registers(Contact, user: "carol", expected: "SIP/2.0 401 *");
    }

    [Fact]
    public void The_address_of_the_box_is_the_first_domain()
    {
        Registers(Contact);
        Ladder.Run(Authorized("").Replace("To: <sip:alice@example.net>", "To: <sip:%61lice@{box};user=phone>",
            StringComparison.Ordinal).Replace("REGISTER sip:example.net", "REGISTER sip:{box}",
            StringComparison.Ordinal));
        Ladder.Run(Expect("alice", "box", "R", "SIP/2.0 200 OK", "Contact: <sip:alice@{alice}>;expires=*"));
    }

    [Fact]
    public void A_user_registers_nobody_else()
    {
        Ladder.Run(Authorized(Contact).Replace("To: <sip:alice@", "To: <sip:bob@", StringComparison.Ordinal));
        Ladder.Run(Expect("alice", "box", "F", "SIP/2.0 403 Forbidden"));
        Assert.Equal(0, Box.Workers.Locations.Count);
        AssertEmpty();
    }

    [Theory]
    [InlineData("alice", "wrong")]
    [InlineData("nobody", "wrong")]
    [InlineData("nobody", "")]
    public void Who_is_unknown_and_whose_password_is_wrong_hear_the_same(string user, string password)
    {
        Ladder.Run(Authorized(Contact, user, password: password));
        Ladder.Run(Expect("alice", "box", "F", "SIP/2.0 401 Unauthorized",
            "WWW-Authenticate: Digest realm=\"example.net\", nonce=\"*\", algorithm=SHA-256, qop=\"auth,auth-int\"\n" +
            "WWW-Authenticate: Digest realm=\"example.net\", nonce=\"*\", algorithm=MD5, qop=\"auth\"\n" +
            "!WWW-Authenticate"));
        Assert.Equal(1, Box.Workers.Signalling.Sum(worker => worker.Counters.AuthFailures(0)));
        AssertEmpty();
    }

    [Fact]
    public void Old_phones_know_only_md5()
    {
        Ladder.Run(Authorized(Contact, sha256: false) + "\n" + Expect("alice", "box", "R", "SIP/2.0 200 OK"));
    }

    [Fact]
    public void A_count_is_good_once()
    {
        Registers(Contact);
        Ladder.Run(Authorized(Contact, count: 2) + "\n" + Expect("alice", "box", "R", "SIP/2.0 200 OK"));
        Ladder.Run(Authorized(Contact, count: 2) + "\n" + Stale());
        Ladder.Run(Authorized(Contact, count: 9) + "\n" + Expect("alice", "box", "R", "SIP/2.0 200 OK"));
        // Overtaken on the way.
        Ladder.Run(Authorized(Contact, count: 8) + "\n" + Expect("alice", "box", "R", "SIP/2.0 200 OK"));
    }

    [Fact]
    public void A_nonce_is_good_for_five_minutes()
    {
        Registers(Contact);
        Ladder.Run("wait 290000 ms");
        Registers(Contact);
        Ladder.Run("wait 20000 ms");
        Ladder.Run(Authorized(Contact) + "\n" + Stale());
    }

    [Fact]
    public void A_nonce_of_somebody_else_is_stale()
    {
        Challenge();
        Ladder.Set("nonce", "0123456789");
        Ladder.Run(Authorized(Contact, count: 7) + "\n" + Stale());
    }

    [Fact]
    public void A_retransmission_gets_the_same_answer_and_uses_no_count()
    {
        string register = Authorized(Contact);
        Ladder.Run(register + "\n" + Expect("alice", "box", "R", "SIP/2.0 200 OK"));
        Ladder.Run(register + "\n" + Expect("alice", "box", "R", "SIP/2.0 200 OK", "To: {R.To}"));
    }

    [Fact]
    public void What_was_overtaken_changes_nothing()
    {
        Registers(Contact);
        string late = Authorized(Contact + ";expires=0");
        Registers(Contact);
        Ladder.Run(late + "\n" + Expect("alice", "box", "F", "SIP/2.0 500 *"));
        Assert.Equal(1, Box.Workers.Locations.Count);
    }

    [Fact]
    public void Who_registers_too_often_is_not_heard()
    {
        Box.Publish(Yaml(OneProxy, inbound: "to: registered", rest: "registrar: {domains: [example.net]}"));
        for (int i = 0; i < 5; i++) Challenge();
        Ladder.Run(Register("alice", "alice", Contact, "x") + "\nalice <- box: nothing within 50 ms");
        Assert.Equal(1, Box.Dropped(Sbc.Runtime.DropReason.RateLimited));
        Ladder.Run("wait 1000 ms");
        Challenge();
    }

    [Fact]
    public void Options_that_a_registrar_knows_may_be_required()
    {
        Registers(Contact + "\nRequire: path, gruu, outbound");
        Ladder.Run(Authorized(Contact + "\nRequire: path, foo") + "\n" +
            Expect("alice", "box", "F", "SIP/2.0 420 *", "Unsupported: foo"));
    }

    [Fact]
    public void Without_a_registrar_nobody_registers()
    {
        Box.Publish(Yaml(OneProxy));
        Ladder.Run(Register("alice", "alice", Contact, "x") + "\n" +
            Expect("alice", "box", "F", "SIP/2.0 405 *", "Allow: *"));
    }

    private static string Stale() => Expect("alice", "box", "F", "SIP/2.0 401 Unauthorized",
        "WWW-Authenticate: Digest realm=\"example.net\", nonce=\"*\", algorithm=SHA-256, qop=\"auth,auth-int\", " +
        "stale=true");
}
