using System.Globalization;
using System.Net;
using System.Text;
using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>An address prefix: <c>198.51.100.0/28</c>, <c>2001:db8::/32</c>, or one address.</summary>
/// <param name="Address">Port 0; no bit set beyond the length.</param>
/// <param name="Length">Bits, of the address's own 32 or 128.</param>
public readonly record struct IPPrefix(TransportAddress Address, int Length)
{
    public bool Contains(in TransportAddress address) => address.InPrefix(Address, Length);

    /// <summary>The prefix that is one address.</summary>
    public static IPPrefix Of(TransportAddress address) => new(address.WithPort(0), address.IsIPv4 ? 32 : 128);

    public static bool TryParse(string text, out IPPrefix prefix, out string error)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        string host = slash < 0 ? text : text[..slash];
        if (!TransportAddress.TryParseHost(Encoding.UTF8.GetBytes(host), 0, out TransportAddress address))
        {
            error = $"\"{text}\" is no address prefix; write one such as 198.51.100.0/28 or 2001:db8::/32";
            return false;
        }
        int bits = address.IsIPv4 ? 32 : 128;
        int length = bits;
        if (slash >= 0 && (!TryParseLength(text.AsSpan(slash + 1), out length) || length > bits))
        {
            error = $"\"{text[(slash + 1)..]}\" is no prefix length; write a number from 0 to {bits}";
            return false;
        }
        TransportAddress masked = Mask(address, length);
        if (masked != address)
        {
            error = $"\"{text}\" has bits set beyond its length; write {new IPPrefix(masked, length)}";
            return false;
        }
        prefix = new IPPrefix(address, length);
        error = "";
        return true;
    }

    private static bool TryParseLength(ReadOnlySpan<char> text, out int length) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out length);

    private static TransportAddress Mask(TransportAddress address, int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes = bytes[..address.WriteAddressBytes(bytes)];
        for (int bit = length; bit < bytes.Length * 8; bit++) bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return TransportAddress.FromBytes(bytes, 0, address.Scope);
    }

    /// <summary>Without brackets, as prefixes are written.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        return $"{new IPAddress(bytes[..Address.WriteAddressBytes(bytes)])}/{Length}";
    }
}
