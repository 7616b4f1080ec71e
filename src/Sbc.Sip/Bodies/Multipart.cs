using Sbc.Sip.Headers;

namespace Sbc.Sip.Bodies;

/// <summary>
/// Walks the parts of a multipart body (RFC 2046 5.1, RFC 5621 3.1): nothing is copied and nothing allocated.
/// </summary>
/// <remarks>
/// Preamble and epilogue are skipped. A part that is multipart itself (RFC 5621 has one inside the other) is opened
/// again with its own type and body; its positions count from its own body then.
/// </remarks>
public ref struct Multipart
{
    private readonly ReadOnlySpan<byte> _body;
    private readonly ReadOnlySpan<byte> _boundary;

    // One past the delimiter line that begins the next part; -1 when there is none.
    private int _next;
    private int _count;

    private Multipart(ReadOnlySpan<byte> body, ReadOnlySpan<byte> boundary)
    {
        _body = body;
        _boundary = boundary;
    }

    /// <summary>None while the parts are as they should be; what ended the walk, when one was not.</summary>
    public MultipartError Error { get; private set; }

    public BodyPart Current { get; private set; }

    /// <param name="contentType">The value of Content-Type.</param>
    public static bool TryOpen(
        ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, out Multipart multipart, out MultipartError error)
    {
        multipart = default;
        error = MultipartError.NotMultipart;
        if (!MediaType.TryParse(contentType, out MediaType type) || !type.IsMultipart) return false;
        error = MultipartError.BadBoundary;
        if (Parameters.CountOf(type.Parameters, "boundary"u8) != 1) return false;
        Parameters.TryGet(type.Parameters, "boundary"u8, out ReadOnlySpan<byte> boundary);
        if (Quoting.IsQuotedString(boundary)) boundary = boundary[1..^1];
        if (!IsBoundary(boundary)) return false;
        multipart = new Multipart(body, boundary);
        error = multipart.Begin();
        return error == MultipartError.None;
    }

    /// <summary>The next part. False at the closing boundary, and at an error; the parts before it hold.</summary>
    public bool MoveNext()
    {
        if (_next < 0 || Error != MultipartError.None) return false;
        if (_count++ == SipLimits.BodyPartsMax) return Fail(MultipartError.TooManyParts);
        int headerStart = _next;
        MultipartError error = FindDelimiter(headerStart, out int end, out _next);
        if (error is not (MultipartError.None or MultipartError.Unending)) return Fail(error);
        if (!TryFindBody(headerStart, end, out int start)) return Fail(MultipartError.BadPartHeader);
        Error = error;
        Current = new BodyPart(_body, headerStart, start, end);
        return true;
    }

    private bool Fail(MultipartError error)
    {
        Error = error;
        _next = -1;
        return false;
    }

    private MultipartError Begin()
    {
        MultipartError error = FindDelimiter(0, out _, out _next);
        if (error == MultipartError.BadDelimiter) return error;
        // A closing boundary alone is no part either: a multipart body has one at least.
        return error == MultipartError.Unending || _next < 0 ? MultipartError.NoParts : MultipartError.None;
    }

    /// <summary>The next line that is a delimiter: "--", the boundary, "--" at the last, padding, CRLF.</summary>
    /// <param name="end">Where what stands before it ends: the CRLF before a delimiter belongs to it.</param>
    /// <param name="next">One past the delimiter's line; -1 where it closes the body or is missing.</param>
    private readonly MultipartError FindDelimiter(int from, out int end, out int next)
    {
        next = -1;
        end = _body.Length;
        for (int line = from; line <= _body.Length;)
        {
            ReadOnlySpan<byte> rest = _body[line..];
            if (IsDelimiter(rest, out int length, out bool closes))
            {
                bool isFirst = line == 0;
                if (!isFirst && (line < 2 || _body[line - 2] != '\r')) return MultipartError.BadDelimiter;
                // Behind the header's empty line the delimiter needs no line end of its own: the part is empty.
                end = isFirst || line == from ? line : line - 2;
                if (length < 0) return MultipartError.BadDelimiter;
                if (!closes) next = line + length;
                return MultipartError.None;
            }
            int feed = rest.IndexOf((byte)'\n');
            if (feed < 0) break;
            line += feed + 1;
        }
        return MultipartError.Unending;
    }

    /// <param name="length">Of the delimiter's line with its CRLF; -1 where it ends otherwise.</param>
    private readonly bool IsDelimiter(ReadOnlySpan<byte> line, out int length, out bool closes)
    {
        length = -1;
        closes = false;
        if (!line.StartsWith("--"u8) || !line[2..].StartsWith(_boundary)) return false;
        int at = 2 + _boundary.Length;
        if (line[at..].StartsWith("--"u8))
        {
            closes = true;
            at += 2;
        }
        while (at < line.Length && line[at] is (byte)' ' or (byte)'\t') at++;
        if (line[at..].StartsWith("\r\n"u8)) length = at + 2;
        // The last delimiter ends the body, with a line end or without one.
        else if (at == line.Length && closes) length = at;
        // A longer word begins like ours: the boundary of somebody inside.
        else if (at < line.Length && line[at] is not ((byte)'\r' or (byte)'\n')) return false;
        return true;
    }

    /// <summary>Where the part's body begins: behind the empty line, or at once without header lines.</summary>
    private readonly bool TryFindBody(int headerStart, int end, out int start)
    {
        start = headerStart;
        while (true)
        {
            ReadOnlySpan<byte> rest = _body[start..];
            if (rest.StartsWith("\r\n"u8))
            {
                start = Math.Min(start + 2, Math.Max(end, headerStart));
                return true;
            }
            int feed = rest.IndexOf((byte)'\n');
            // Header lines without a body: the CRLF before the delimiter is their end.
            if (feed < 0 || start + feed + 1 > end + 2) return false;
            ReadOnlySpan<byte> line = rest[..(feed + 1)];
            bool folds = start > headerStart && line[0] is (byte)' ' or (byte)'\t';
            if (line.Length < 2 || line[^2] != '\r' || (!folds && line.IndexOf((byte)':') <= 0)) return false;
            start += feed + 1;
            if (start > end) return false;
        }
    }

    /// <summary>bchars of RFC 2046 5.1.1, of which a space is not the last.</summary>
    private static bool IsBoundary(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > 70 || text[^1] == ' ') return false;
        foreach (byte value in text)
        {
            if (!char.IsAsciiLetterOrDigit((char)value) && !"'()+_,-./:=? "u8.Contains(value)) return false;
        }
        return true;
    }
}
