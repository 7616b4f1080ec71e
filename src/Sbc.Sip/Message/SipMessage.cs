using System.Runtime.CompilerServices;

namespace Sbc.Sip.Message;

/// <summary>A reusable index over the bytes of one message (RFC 3261 7): one pass, nothing copied, nothing changed.</summary>
/// <remarks>The bytes belong to whoever parsed them in; the index is valid as long as they stay.</remarks>
public sealed class SipMessage
{
    private const byte NoField = 0xFF;

    private readonly HeaderField[] _fields = new HeaderField[SipLimits.HeadersMax];
    private readonly byte[] _first = new byte[Enum.GetValues<HeaderName>().Length];
    private readonly byte[] _last = new byte[Enum.GetValues<HeaderName>().Length];
    private byte[] _array = [];
    private int _offset;
    private int _length;
    private int _methodLength;
    private int _uriStart;
    private int _uriLength;
    private int _reasonStart;
    private int _reasonLength;

    public bool IsRequest { get; private set; }

    public SipMethod Method { get; private set; }

    /// <summary>100 to 699 for a response; 0 for a request.</summary>
    public int StatusCode { get; private set; }

    public int HeaderCount { get; private set; }

    public int BodyStart { get; private set; }

    public int BodyLength { get; private set; }

    public ReadOnlySpan<byte> Bytes => _array.AsSpan(_offset, _length);

    /// <summary>The method's token as it was written, also for unknown ones.</summary>
    public ReadOnlySpan<byte> MethodToken => Slice(0, _methodLength);

    public ReadOnlySpan<byte> RequestUri => Slice(_uriStart, _uriLength);

    public ReadOnlySpan<byte> ReasonPhrase => Slice(_reasonStart, _reasonLength);

    public ReadOnlySpan<byte> Body => Slice(BodyStart, BodyLength);

    /// <summary>Indexes <paramref name="length"/> bytes. On an error what came before it stays readable.</summary>
    public ParseError Parse(byte[] array, int offset, int length)
    {
        _array = array;
        _offset = offset;
        _length = length;
        HeaderCount = 0;
        BodyStart = length;
        BodyLength = 0;
        StatusCode = 0;
        _uriLength = _methodLength = _reasonLength = 0;
        Array.Fill(_first, NoField);
        ReadOnlySpan<byte> bytes = Bytes;
        int at = 0;
        while (at < bytes.Length && bytes[at] is (byte)'\r' or (byte)'\n') at++;
        if (at == bytes.Length) return ParseError.KeepAlive;
        if (at > 0)
        {
            // Leading line ends are ignored (RFC 3261 7.5); positions count from the start line.
            _offset += at;
            _length -= at;
            bytes = bytes[at..];
        }
        int lineEnd = bytes.IndexOf((byte)'\n');
        bool lineEnds = lineEnd >= 0;
        if (!lineEnds) lineEnd = bytes.Length;
        int textEnd = lineEnd > 0 && bytes[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
        if (!ParseStartLine(bytes[..textEnd])) return ParseError.NotSip;
        return lineEnds ? ParseHeaders(bytes, lineEnd + 1) : ParseError.HeaderUnending;
    }

    private bool ParseStartLine(ReadOnlySpan<byte> line)
    {
        if (line.Length >= 12 && line.StartsWith("SIP/2.0 "u8)) return ParseStatusLine(line);
        IsRequest = true;
        int space = line.IndexOf((byte)' ');
        if (space <= 0 || !Grammar.IsToken(line[..space])) return false;
        ReadOnlySpan<byte> rest = line[(space + 1)..];
        int end = rest.LastIndexOf(" SIP/2.0"u8);
        if (end <= 0 || end + 8 != rest.Length) return false;
        ReadOnlySpan<byte> uri = rest[..end];
        // A tolerant reading of the request line: spaces around the URI are taken away, inside it they are wrong.
        int lead = 0;
        while (lead < uri.Length && uri[lead] == ' ') lead++;
        int trail = uri.Length;
        while (trail > lead && uri[trail - 1] == ' ') trail--;
        if (trail == lead || uri[lead..trail].IndexOfAny((byte)' ', (byte)'\t', (byte)'\0') >= 0) return false;
        _methodLength = space;
        _uriStart = space + 1 + lead;
        _uriLength = trail - lead;
        Method = SipMethods.Parse(line[..space]);
        return true;
    }

    private bool ParseStatusLine(ReadOnlySpan<byte> line)
    {
        IsRequest = false;
        Method = SipMethod.Other;
        int hundreds = line[8] - '0', tens = line[9] - '0', ones = line[10] - '0';
        if (hundreds is < 1 or > 6 || tens is < 0 or > 9 || ones is < 0 or > 9) return false;
        if (line[11] != ' ') return false;
        StatusCode = (hundreds * 100) + (tens * 10) + ones;
        _reasonStart = 12;
        _reasonLength = line.Length - 12;
        return true;
    }

    private ParseError ParseHeaders(ReadOnlySpan<byte> bytes, int at)
    {
        while (true)
        {
            int lineStart = at;
            int feed = bytes[at..].IndexOf((byte)'\n');
            if (feed < 0) return ParseError.HeaderUnending;
            int lineEnd = at + feed + 1;
            int textEnd = feed > 0 && bytes[lineEnd - 2] == '\r' ? lineEnd - 2 : lineEnd - 1;
            if (textEnd == lineStart) return ParseBody(bytes, lineEnd);
            // A line that starts with white space continues the header above it (RFC 3261 7.3.1).
            while (lineEnd < bytes.Length && bytes[lineEnd] is (byte)' ' or (byte)'\t')
            {
                feed = bytes[lineEnd..].IndexOf((byte)'\n');
                if (feed < 0) return ParseError.HeaderUnending;
                lineEnd += feed + 1;
                textEnd = feed > 0 && bytes[lineEnd - 2] == '\r' ? lineEnd - 2 : lineEnd - 1;
            }
            if (HeaderCount == _fields.Length) return ParseError.TooManyHeaders;
            if (!AddField(bytes, lineStart, textEnd, lineEnd)) return ParseError.BadHeader;
            at = lineEnd;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool AddField(ReadOnlySpan<byte> bytes, int lineStart, int textEnd, int lineEnd)
    {
        ReadOnlySpan<byte> line = bytes[lineStart..textEnd];
        int colon = line.IndexOf((byte)':');
        if (colon <= 0) return false;
        int nameLength = colon;
        while (nameLength > 0 && line[nameLength - 1] is (byte)' ' or (byte)'\t') nameLength--;
        if (nameLength == 0 || !Grammar.IsToken(line[..nameLength])) return false;
        int valueStart = colon + 1;
        while (valueStart < line.Length && Grammar.IsSpace(line[valueStart])) valueStart++;
        int valueEnd = line.Length;
        while (valueEnd > valueStart && Grammar.IsSpace(line[valueEnd - 1])) valueEnd--;
        ref HeaderField field = ref _fields[HeaderCount];
        field.Name = HeaderNames.Parse(line[..nameLength]);
        field.Next = 0;
        field.LineStart = (ushort)lineStart;
        field.NameLength = (ushort)nameLength;
        field.ValueStart = (ushort)(lineStart + valueStart);
        field.ValueLength = (ushort)(valueEnd - valueStart);
        field.LineEnd = lineEnd;
        int name = (int)field.Name;
        if (_first[name] == NoField) _first[name] = (byte)HeaderCount;
        else _fields[_last[name]].Next = (byte)HeaderCount;
        _last[name] = (byte)HeaderCount;
        HeaderCount++;
        return true;
    }

    private ParseError ParseBody(ReadOnlySpan<byte> bytes, int bodyStart)
    {
        BodyStart = bodyStart;
        int present = bytes.Length - bodyStart;
        // Without Content-Length the body of a datagram is all that is left (RFC 3261 18.3).
        BodyLength = present;
        if (!TryFind(HeaderName.ContentLength, out int index)) return ParseError.None;
        if (!Numbers.TryParse(Value(index), out uint length)) return ParseError.BadContentLength;
        if (length > present) return ParseError.BadContentLength;
        BodyLength = (int)length;
        return ParseError.None;
    }

    public ref readonly HeaderField Field(int index) => ref _fields[index];

    public HeaderName NameAt(int index) => _fields[index].Name;

    /// <summary>The value without surrounding white space; may hold several, separated by commas, and line folds.</summary>
    public ReadOnlySpan<byte> Value(int index) => Slice(_fields[index].ValueStart, _fields[index].ValueLength);

    public ReadOnlySpan<byte> NameText(int index) => Slice(_fields[index].LineStart, _fields[index].NameLength);

    /// <summary>The whole line or lines with their line ends.</summary>
    public ReadOnlySpan<byte> Line(int index) =>
        Slice(_fields[index].LineStart, _fields[index].LineEnd - _fields[index].LineStart);

    public bool Has(HeaderName name) => _first[(int)name] != NoField;

    public bool TryFind(HeaderName name, out int index)
    {
        index = _first[(int)name];
        return index != NoField;
    }

    /// <summary>The next field of the same name; false at the last.</summary>
    public bool TryNext(ref int index)
    {
        index = _fields[index].Next;
        return index != 0;
    }

    /// <summary>The value of the first field of that name; empty when there is none.</summary>
    public ReadOnlySpan<byte> Value(HeaderName name) => TryFind(name, out int index) ? Value(index) : default;

    public int CountOf(HeaderName name)
    {
        if (!TryFind(name, out int index)) return 0;
        int count = 1;
        while (TryNext(ref index)) count++;
        return count;
    }

    private ReadOnlySpan<byte> Slice(int start, int length) => _array.AsSpan(_offset + start, length);
}
