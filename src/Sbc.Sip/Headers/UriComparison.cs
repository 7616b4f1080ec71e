using System.Text;

namespace Sbc.Sip.Headers;

/// <summary>Whether two URIs are equivalent (RFC 3261 19.1.4).</summary>
public static class UriComparison
{
    /// <summary>Texts that are no sip URIs are equal where they are the same bytes.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.SequenceEqual(right)) return true;
        if (!SipUri.TryParse(left, out SipUri a) || !SipUri.TryParse(right, out SipUri b)) return false;
        if (!a.IsSip || a.Scheme != b.Scheme || a.Port != b.Port) return false;
        return AreSameText(a.UserInfo, b.UserInfo, ignoresCase: false) &&
            AreSameText(a.Host, b.Host, ignoresCase: true) &&
            Covers(a.Parameters, b.Parameters) && Covers(b.Parameters, a.Parameters) &&
            AreSameText(a.HeaderPart, b.HeaderPart, ignoresCase: true);
    }

    /// <summary>
    /// A parameter that both have is the same in both; one that changes where a request goes is in both or in none.
    /// </summary>
    private static bool Covers(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> others)
    {
        var walk = new Parameters(parameters);
        while (walk.MoveNext())
        {
            if (Parameters.TryGet(others, walk.Name, out ReadOnlySpan<byte> other))
            {
                if (!AreSameText(walk.Value, other, ignoresCase: true)) return false;
            }
            else if (MustBeInBoth(walk.Name))
            {
                return false;
            }
        }
        return true;
    }

    private static bool MustBeInBoth(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "user"u8) || Ascii.EqualsIgnoreCase(name, "ttl"u8) ||
        Ascii.EqualsIgnoreCase(name, "method"u8) || Ascii.EqualsIgnoreCase(name, "maddr"u8) ||
        Ascii.EqualsIgnoreCase(name, "transport"u8) || Ascii.EqualsIgnoreCase(name, "gr"u8);

    /// <summary>An escaped character is the one it stands for.</summary>
    private static bool AreSameText(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, bool ignoresCase)
    {
        while (left.Length > 0 && right.Length > 0)
        {
            (byte a, bool isEscapedA) = Next(ref left);
            (byte b, bool isEscapedB) = Next(ref right);
            // What is reserved means something else when it is escaped.
            if (a != b && !(ignoresCase && Lower(a) == Lower(b))) return false;
            if (isEscapedA != isEscapedB && !char.IsAsciiLetterOrDigit((char)a) && "-_.!~*'()"u8.IndexOf(a) < 0)
                return false;
        }
        return left.Length == right.Length;
    }

    private static (byte Value, bool IsEscaped) Next(ref ReadOnlySpan<byte> text)
    {
        byte value = text[0];
        if (value != '%' || text.Length < 3 || !IsHex(text[1]) || !IsHex(text[2]))
        {
            text = text[1..];
            return (value, false);
        }
        value = (byte)((Digit(text[1]) << 4) | Digit(text[2]));
        text = text[3..];
        return (value, true);
    }

    private static bool IsHex(byte value) => char.IsAsciiHexDigit((char)value);

    private static int Digit(byte value) => value <= '9' ? value - '0' : (value | 0x20) - 'a' + 10;

    private static byte Lower(byte value) => char.IsAsciiLetterUpper((char)value) ? (byte)(value | 0x20) : value;
}
