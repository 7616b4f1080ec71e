using System.Text;
using Sbc.Engine.Routing;
using Sbc.Sip.Headers;

namespace Sbc.Engine.Registrations;

/// <summary>
/// The canonical form of an address-of-record (RFC 3261 10.3 step 5): user, unescaped, @, domain in small letters.
/// </summary>
public static class AddressOfRecord
{
    /// <summary>A longer one is nobody's here.</summary>
    public const int BytesMax = 256;

    /// <summary>False where it is none of this registrar's domains, or has no user.</summary>
    /// <param name="uri">sip or sips.</param>
    /// <param name="registrar">Whose domains count.</param>
    /// <param name="realm">Where it was said: the box's own address and names there stand for the first domain.</param>
    /// <param name="destination"><see cref="BytesMax"/> bytes.</param>
    /// <param name="length">Of what was written.</param>
    public static bool TryWrite(
        in SipUri uri, Registrar registrar, Realm realm, Span<byte> destination, out int length)
    {
        length = 0;
        if (!uri.IsSip || !uri.HasUser || !registrar.TryFindDomain(uri.Host, realm, out byte[] domain)) return false;
        if (domain.Length + 1 > destination.Length) return false;
        if (!Escaping.TryUnescape(uri.User, destination[..^(domain.Length + 1)], out int user) || user == 0)
            return false;
        destination[user] = (byte)'@';
        domain.CopyTo(destination[(user + 1)..]);
        length = user + 1 + domain.Length;
        return true;
    }

    /// <summary>The user of a canonical form.</summary>
    public static ReadOnlySpan<byte> UserOf(ReadOnlySpan<byte> aor)
    {
        int at = aor.LastIndexOf((byte)'@');
        return at < 0 ? aor : aor[..at];
    }

    public static ReadOnlySpan<byte> DomainOf(ReadOnlySpan<byte> aor) => aor[(aor.LastIndexOf((byte)'@') + 1)..];

    /// <summary>What stands for an instance in a GRUU: without its brackets.</summary>
    public static ReadOnlySpan<byte> GruuOf(ReadOnlySpan<byte> instance) =>
        instance.Length > 2 && instance[0] == '<' && instance[^1] == '>' ? instance[1..^1] : instance;

    /// <summary>Two forms are one when their bytes are: the domain is in small letters already.</summary>
    public static string Text(ReadOnlySpan<byte> aor) => Encoding.UTF8.GetString(aor);
}
