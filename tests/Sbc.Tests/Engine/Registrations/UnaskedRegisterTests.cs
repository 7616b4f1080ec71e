using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>A registrar with `authenticate: false`, over two workers.</summary>
public class UnaskedRegisterTests() : RegisterLadder(registrar: "authenticate: false")
{
    [Fact]
    public void Who_registers_is_asked_for_nothing()
    {
        foreach (string user in (string[])["alice", "bob", "nobody"])
        {
            string contact = $"Contact: <sip:{user}@{{alice}}>";
            Ladder.Run(Register(user, "alice", contact, user));
            Ladder.Run(Expect("alice", "box", "R", "SIP/2.0 200 OK", $"{contact};expires=3600\n!WWW-Authenticate"));
        }
        Assert.Equal(3, Box.Workers.Locations.Count);
        Ladder.Run(Register("alice", "alice", "Contact: *\nExpires: 0", "alice"));
        Ladder.Run(Expect("alice", "box", "R", "SIP/2.0 200 OK", "!Contact"));
        Assert.Equal(2, Box.Workers.Locations.Count);
    }

    [Fact]
    public void Credentials_that_nobody_asked_for_are_not_looked_at()
    {
        Ladder.Run(Register("alice", "alice", "Authorization: Digest username=\"bob\"\nContact: <sip:a@{alice}>", "c"));
        Ladder.Run(Expect("alice", "box", "R", "SIP/2.0 200 OK", "Contact: <sip:a@{alice}>;expires=3600"));
    }
}
