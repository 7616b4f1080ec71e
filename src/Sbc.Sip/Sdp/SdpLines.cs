namespace Sbc.Sip.Sdp;

/// <summary>
/// The lines of a body: type letter, value, and the length of the line end. CRLF or a bare LF ends one.
/// </summary>
internal ref struct SdpLines(ReadOnlySpan<byte> body)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private int _next;

    public byte Type { get; private set; }

    public SdpRange Line { get; private set; }

    public SdpRange Value { get; private set; }

    public byte EndLength { get; private set; }

    /// <summary>
    /// False at the end (error None) and at a line that is none. Empty lines are skipped: some send one last.
    /// </summary>
    public bool TryNext(out SdpError error)
    {
        error = SdpError.None;
        while (_next < _body.Length)
        {
            int start = _next;
            int length = _body[start..].IndexOf((byte)'\n');
            EndLength = 1;
            if (length < 0)
            {
                length = _body.Length - start;
                EndLength = 0;
            }
            _next = start + length + EndLength;
            if (EndLength == 1 && length > 0 && _body[start + length - 1] == '\r')
            {
                length--;
                EndLength = 2;
            }
            if (length == 0) continue;
            return TryTake(start, length, out error);
        }
        return false;
    }

    private bool TryTake(int start, int length, out SdpError error)
    {
        ReadOnlySpan<byte> line = _body.Slice(start, length);
        error = SdpError.IllegalByte;
        if (line.IndexOfAny((byte)'\r', (byte)0) >= 0) return false;
        error = SdpError.MalformedLine;
        // The letter is case-significant (RFC 8866 5); an "O=" kept as unknown could be read as o= by a lenient peer.
        if (length < 2 || line[1] != '=' || !char.IsAsciiLetterLower((char)line[0])) return false;
        error = SdpError.None;
        Type = line[0];
        Line = new SdpRange(start, length);
        Value = new SdpRange(start + 2, length - 2);
        return true;
    }
}
