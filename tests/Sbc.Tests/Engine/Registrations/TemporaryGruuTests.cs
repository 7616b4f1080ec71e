using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>Temporary GRUUs (RFC 5627 3.2): they lead to a device and say nothing of its user.</summary>
public class TemporaryGruuTests : RegisterLadder
{
    private const string One = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000001>\"";
    private const string Two = ";+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000002>\"";

    [Fact]
    public void A_call_to_one_reaches_its_device_and_no_other_one()
    {
        string gruu = Register("10.1.1.1", One, "mallory", "one");
        Challenge("bob", "nated");
        Register("10.1.1.2", Two, "nated", "two");
        Ladder.Run(Invite(uri: gruu));
        Ladder.Run(Expect("mallory", "box", "F2", "INVITE sip:bob@10.1.1.1 SIP/2.0"));
        Ladder.Run("nated <- box: nothing within 400 ms");
    }

    [Fact]
    public void It_does_not_name_the_user_and_each_is_another_one()
    {
        string first = Register("10.1.1.1", One, "mallory", "one");
        string second = Register("10.1.1.1", One, "mallory", "one");
        Assert.DoesNotContain("bob", first);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Old_ones_stay_good_while_the_registration_lasts_and_lead_to_where_the_phone_is_now()
    {
        string first = Register("10.1.1.1", One, "mallory", "one");
        Challenge("bob", "nated");
        // The same Call-ID and device, from elsewhere.
        Ladder.Run(Authorized($"Contact: <sip:bob@10.9.9.9>{One}\nSupported: gruu", "bob", "nated", call: "one")
            .Replace("one-nated", "one-mallory", StringComparison.Ordinal));
        Ladder.Run(Expect("nated", "box", "R", "SIP/2.0 200 OK", "Contact: <sip:bob@10.9.9.9>*\n!Contact"));
        Ladder.Run(Invite(uri: first));
        Ladder.Run(Expect("nated", "box", "F2", "INVITE sip:bob@10.9.9.9 SIP/2.0"));
    }

    [Fact]
    public void It_is_nobodys_when_the_phone_has_registered_with_another_call_id()
    {
        string first = Register("10.1.1.1", One, "mallory", "one");
        string second = Register("10.1.1.1", One, "mallory", "two");
        Ladder.Run(Invite(uri: first));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 404 *"));
        Ladder.Run(Invite(uri: second));
        Ladder.Run(Expect("mallory", "box", "F3", "INVITE sip:bob@10.1.1.1 SIP/2.0"));
    }

    [Fact]
    public void It_is_nobodys_when_the_phone_has_gone()
    {
        string gruu = Register("10.1.1.1", One, "mallory", "one");
        Registers($"Contact: <sip:bob@10.1.1.1>{One};expires=0", user: "bob", host: "mallory", call: "one");
        Ladder.Run(Invite(uri: gruu));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 404 *"));
    }

    [Fact]
    public void Of_two_flows_of_a_device_the_newest_one_is_called()
    {
        Registers($"Contact: <sip:bob@10.1.1.1:1>{One};reg-id=1\nSupported: outbound, path, gruu", user: "bob",
            host: "mallory", call: "one");
        string gruu = Captured();
        Challenge("bob", "nated");
        Registers($"Contact: <sip:bob@10.1.1.1:2>{One};reg-id=2\nSupported: outbound, path, gruu", user: "bob",
            host: "nated", call: "two");
        Ladder.Run(Invite(uri: gruu));
        Ladder.Run(Expect("nated", "box", "F2", "INVITE sip:bob@10.1.1.1:2 SIP/2.0"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(76)]
    public void A_forged_one_is_nobodys(int at)
    {
        string gruu = Register("10.1.1.1", One, "mallory", "one");
        int place = gruu.IndexOf(':') + 1 + at;
        char other = gruu[place] == 'a' ? 'b' : 'a';
        Ladder.Run(Invite(uri: gruu[..place] + other + gruu[(place + 1)..]));
        Ladder.Run(Expect("alice", "box", "100", "SIP/2.0 100 *"));
        Ladder.Run(Expect("alice", "box", "F2", "SIP/2.0 404 *"));
    }

    [Fact]
    public void Who_does_not_ask_gets_none()
    {
        Register("10.1.1.1", One, "mallory", "one");
        Challenge("bob", "nated");
        Registers("Contact: <sip:bob@10.1.1.9>", user: "bob", host: "nated",
            more: $"Contact: <sip:bob@10.1.1.1>;expires=90{One}\nContact: <sip:bob@10.1.1.9>;expires=90\n!Contact");
    }

    [Fact]
    public void Any_address_that_fits_is_read_as_it_was_written_and_no_other_key_reads_it()
    {
        var gruus = new TemporaryGruus(new SipHash(1, 2));
        var others = new TemporaryGruus(new SipHash(1, 3));
        byte[] user = new byte[TemporaryGruus.UserBytesMax], read = new byte[AddressOfRecord.BytesMax];
        for (int length = 3; length <= AddressOfRecord.BytesMax; length++)
        {
            byte[] aor = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
            bool isWritten = gruus.TryWrite(aor, (ulong)length, 5, user, out int written);
            Assert.Equal(length <= 111, isWritten);
            if (!isWritten) continue;
            Assert.True(gruus.TryRead(user.AsSpan(0, written), read, out int got, out ulong registration));
            Assert.Equal(aor, read[..got]);
            Assert.Equal((ulong)length, registration);
            Assert.False(others.TryRead(user.AsSpan(0, written), read, out _, out _));
            Assert.False(gruus.TryRead(user.AsSpan(0, written - 1), read, out _, out _));
        }
    }

    private string Register(string contact, string instance, string host, string call)
    {
        Registers($"Contact: <sip:bob@{contact}>{instance}\nSupported: gruu", user: "bob", host: host, call: call);
        return Captured();
    }

    /// <summary>The temporary GRUU of the last response.</summary>
    private string Captured()
    {
        string contact = Ladder.Value("R.Contact");
        return contact.Split("temp-gruu=\"")[1].Split('"')[0];
    }
}
