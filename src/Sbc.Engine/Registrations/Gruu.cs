using Sbc.Sip.Headers;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>URIs that lead to one device of a user (RFC 5627).</summary>
public static class Gruu
{
    /// <summary>The address-of-record with the instance (5.1): good as long as the user exists.</summary>
    public static void WritePublic(
        ref SipWriter writer, scoped ReadOnlySpan<byte> aor, scoped ReadOnlySpan<byte> instance)
    {
        writer.Raw("sip:"u8);
        Escaping.Write(ref writer, AddressOfRecord.UserOf(aor));
        writer.Byte((byte)'@');
        writer.Raw(AddressOfRecord.DomainOf(aor));
        writer.Raw(";gr="u8);
        Escaping.Write(ref writer, AddressOfRecord.GruuOf(instance));
    }

    /// <summary>A name that says nothing of the user (3.2). False: his address is too long for one.</summary>
    /// <param name="random">Another one each time: two of them show no kinship.</param>
    public static bool TryWriteTemporary(
        ref SipWriter writer, TemporaryGruus gruus, scoped ReadOnlySpan<byte> aor, scoped BindingText binding,
        ulong random)
    {
        Span<byte> user = stackalloc byte[TemporaryGruus.UserBytesMax];
        if (!gruus.TryWrite(aor, gruus.RegistrationOf(binding), random, user, out int length)) return false;
        writer.Raw("sip:"u8);
        writer.Raw(user[..length]);
        writer.Byte((byte)'@');
        writer.Raw(AddressOfRecord.DomainOf(aor));
        writer.Raw(";gr"u8);
        return true;
    }
}
