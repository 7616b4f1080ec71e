using System.Text;

namespace Sbc.Engine.Calls;

/// <summary>
/// The hosts, with their ports, of all sip and sips URIs in a text, one after the other. Where a URI ends is looked for
/// once: a stranger's field of thousands of them would otherwise be read as often.
/// </summary>
internal ref struct UriHosts(ReadOnlySpan<byte> text)
{
    // Longer than any address in brackets.
    private const int LiteralBytesMax = 64;

    private readonly ReadOnlySpan<byte> _text = text;
    private int _from;

    // Of the part of the text that was looked at last: its end, and its first @ that is not behind us.
    private int _end = -1;
    private int _at;

    public int Start { get; private set; }

    public int Length { get; private set; }

    public bool MoveNext()
    {
        while (_text[_from..].IndexOf((byte)':') is var colon && colon >= 0)
        {
            bool isScheme = IsSipScheme(_text.Slice(_from, colon));
            _from += colon + 1;
            if (!isScheme) continue;
            FindUri();
            Start = _at < _end ? _at + 1 : _from;
            Length = LengthOf(_text[Start.._end]);
            if (Length == 0) continue;
            _from = Start + Length;
            return true;
        }
        return false;
    }

    private void FindUri()
    {
        if (_from > _end)
        {
            int length = _text[_from..].IndexOfAny(" \t\r\n\"<>,"u8);
            _end = length < 0 ? _text.Length : _from + length;
            _at = -1;
        }
        if (_at >= _from) return;
        int at = _text[_from.._end].IndexOf((byte)'@');
        _at = at < 0 ? _end : _from + at;
    }

    private static int LengthOf(ReadOnlySpan<byte> hostPort)
    {
        bool isLiteral = hostPort.Length > 0 && hostPort[0] == '[';
        int end = isLiteral ? hostPort[..Math.Min(hostPort.Length, LiteralBytesMax)].IndexOf((byte)']') + 1 : 0;
        int stop = hostPort[end..].IndexOfAny((byte)';', (byte)'?');
        return stop < 0 ? hostPort.Length : end + stop;
    }

    private static bool IsSipScheme(ReadOnlySpan<byte> before)
    {
        if (before.Length > 0 && (before[^1] | 0x20) == 's' && before.Length >= 4) before = before[..^1];
        if (before.Length < 3 || !Ascii.EqualsIgnoreCase(before[^3..], "sip"u8)) return false;
        return before.Length == 3 || !char.IsAsciiLetterOrDigit((char)before[^4]);
    }
}
