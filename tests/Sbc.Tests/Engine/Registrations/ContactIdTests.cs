using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

public sealed class ContactIdTests
{
    [Fact]
    public void What_is_written_is_read_in_any_case_of_letters()
    {
        var id = new ContactId(0x0123456789ABCDEF, 0x89ABCDEF);
        byte[] text = new byte[ContactId.Length];
        id.Write(text);
        Assert.True(ContactId.TryRead(text, out ContactId read));
        Assert.Equal(id, read);
        Assert.True(ContactId.TryRead(System.Text.Encoding.ASCII.GetBytes(
            System.Text.Encoding.ASCII.GetString(text).ToUpperInvariant()), out read));
        Assert.Equal(id, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("aaaaaaaaaaaaaaaaaaaa")]
    [InlineData("bbbbbbbbbbbbbbbbbbb")]
    [InlineData("bbbbbbbbbbbbbbbbbbb1")]
    public void What_has_not_its_form_is_none(string text) =>
        Assert.False(ContactId.TryRead(System.Text.Encoding.ASCII.GetBytes(text), out _));

    [Fact]
    public void It_is_the_same_for_the_same_device_and_another_for_any_other()
    {
        var hash = new SipHash(1, 2);
        ContactId id = Of(hash, "alice@example.net", "sip:a@h", "", 0);
        Assert.Equal(id, Of(hash, "alice@example.net", "sip:a@h", "", 0));
        Assert.NotEqual(id, Of(hash, "alice@example.ne", "tsip:a@h", "", 0));
        Assert.NotEqual(id, Of(hash, "alice@example.net", "sip:b@h", "", 0));
        Assert.NotEqual(id, Of(hash, "bob@example.net", "sip:a@h", "", 0));
        Assert.NotEqual(id, Of(new SipHash(1, 3), "alice@example.net", "sip:a@h", "", 0));
        ContactId device = Of(hash, "alice@example.net", "sip:a@h", "<urn:uuid:1>", 1);
        Assert.Equal(device, Of(hash, "alice@example.net", "sip:other@h", "<urn:uuid:1>", 1));
        Assert.NotEqual(device, Of(hash, "alice@example.net", "sip:a@h", "<urn:uuid:1>", 2));
    }

    private static ContactId Of(SipHash hash, string aor, string contact, string instance, uint regId)
    {
        byte[] text = System.Text.Encoding.ASCII.GetBytes(contact + instance);
        var binding = new Binding
        {
            ContactLength = (ushort)contact.Length, InstanceLength = (ushort)instance.Length,
        };
        return ContactId.Of(hash, System.Text.Encoding.ASCII.GetBytes(aor), new BindingText(text, binding), regId);
    }
}
