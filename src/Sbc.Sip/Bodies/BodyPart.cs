using System.Text;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Sip.Bodies;

/// <summary>One part of a multipart body: views into it, and where they lie.</summary>
public readonly ref struct BodyPart
{
    private readonly ReadOnlySpan<byte> _whole;

    internal BodyPart(ReadOnlySpan<byte> whole, int headerStart, int start, int end)
    {
        _whole = whole;
        HeaderStart = headerStart;
        Start = start;
        Length = end - start;
    }

    /// <summary>Where the part's header lines begin in the body it is a part of.</summary>
    public int HeaderStart { get; }

    /// <summary>Where the part's own body begins in the body it is a part of.</summary>
    public int Start { get; }

    /// <summary>Bytes of the part's own body; the line end before the next boundary is not one of them.</summary>
    public int Length { get; }

    public ReadOnlySpan<byte> Body => _whole.Slice(Start, Length);

    /// <summary>The part's header lines with their line ends, the empty line behind them too.</summary>
    public ReadOnlySpan<byte> Headers => _whole[HeaderStart..Start];

    /// <summary>The type; text/plain where nothing is said (RFC 2046 5.1). False for one that cannot be read.</summary>
    public bool TryGetType(out MediaType type)
    {
        if (!TryGetHeader("Content-Type"u8, out ReadOnlySpan<byte> value)) value = "text/plain"u8;
        return MediaType.TryParse(value, out type);
    }

    /// <summary>
    /// The first field of that name. Compact forms are SIP's and not MIME's: in a part they are unknown names.
    /// </summary>
    public bool TryGetHeader(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) =>
        TryTake(Headers, name, out value, out _);

    /// <summary>How many fields have that name; MIME knows no list of them.</summary>
    public int CountOf(ReadOnlySpan<byte> name)
    {
        int count = 0;
        for (ReadOnlySpan<byte> rest = Headers; TryTake(rest, name, out _, out rest);) count++;
        return count;
    }

    private static bool TryTake(
        ReadOnlySpan<byte> fields, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value, out ReadOnlySpan<byte> rest)
    {
        rest = fields;
        while (rest.Length > 0)
        {
            int end = FieldEnd(rest);
            ReadOnlySpan<byte> field = rest[..end];
            rest = rest[end..];
            int colon = field.IndexOf((byte)':');
            if (colon < 0 || !Ascii.EqualsIgnoreCase(Grammar.Trim(field[..colon]), name)) continue;
            value = Grammar.Trim(field[(colon + 1)..]);
            return true;
        }
        value = default;
        return false;
    }

    /// <summary>One past the line end of the first field, its folds included.</summary>
    private static int FieldEnd(ReadOnlySpan<byte> text)
    {
        int end = 0;
        do
        {
            int feed = text[end..].IndexOf((byte)'\n');
            if (feed < 0) return text.Length;
            end += feed + 1;
        }
        while (end < text.Length && text[end] is (byte)' ' or (byte)'\t');
        return end;
    }
}
