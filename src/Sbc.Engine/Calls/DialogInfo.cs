using System.Text;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>The dialog elements of an application/dialog-info+xml body (RFC 4235 4.1), by their start tags.</summary>
public ref struct DialogInfo(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _next;

    public static bool Is(ReadOnlySpan<byte> contentType) =>
        ContentTypes.Is(contentType, "application/dialog-info+xml"u8);

    /// <summary>The attributes of the element; parts that it lacks are empty.</summary>
    public DialogName Current { get; private set; }

    /// <summary>Where its start tag stands, without the closing bracket.</summary>
    public Range Tag { get; private set; }

    public bool MoveNext()
    {
        while (_next < _body.Length)
        {
            int open = _body[_next..].IndexOf((byte)'<');
            if (open < 0) break;
            int start = _next + open;
            int length = _body[start..].IndexOf((byte)'>');
            if (length < 0) break;
            _next = start + length;
            ReadOnlySpan<byte> tag = _body.Slice(start, length);
            if (!IsDialog(tag)) continue;
            Tag = start.._next;
            Current = new DialogName(
                Attribute(tag, "call-id"u8), Attribute(tag, "local-tag"u8), Attribute(tag, "remote-tag"u8));
            return true;
        }
        _next = _body.Length;
        return false;
    }

    // The element may have a namespace prefix.
    private static bool IsDialog(ReadOnlySpan<byte> tag)
    {
        int end = tag.IndexOfAny(" \t\r\n"u8);
        if (end < 0) return false;
        ReadOnlySpan<byte> name = tag[1..end];
        return name[(name.IndexOf((byte)':') + 1)..].SequenceEqual("dialog"u8);
    }

    /// <summary>Where the value of an attribute stands in a start tag; an empty range without one.</summary>
    public static Range Find(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name)
    {
        for (int from = 0; tag[from..].IndexOf(name) is var at && at >= 0;)
        {
            int start = from + at;
            from = start + name.Length;
            if (start == 0 || !Grammar.IsSpace(tag[start - 1]) || from + 1 >= tag.Length || tag[from] != '=') continue;
            byte quote = tag[from + 1];
            int length = quote is (byte)'"' or (byte)'\'' ? tag[(from + 2)..].IndexOf(quote) : -1;
            if (length >= 0) return (from + 2)..(from + 2 + length);
        }
        return default;
    }

    private static ReadOnlySpan<byte> Attribute(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name) =>
        tag[Find(tag, name)];
}
