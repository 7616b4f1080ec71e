using Sbc.Sip.Message;

namespace Sbc.Sip.Framing;

/// <summary>
/// Where a SIP message on a stream ends (RFC 3261 7.5, 18.3; keep-alives: RFC 5626 4.4.1). One for each connection.
/// </summary>
/// <remarks>
/// Remembers how far it has looked, so that a message that trickles in byte by byte costs no more than one that comes
/// at once. It and <see cref="SipMessage"/> find the same end of the header section in whatever both accept.
/// </remarks>
public struct StreamFramer
{
    // Bytes of the unfinished message that hold no end of its header section.
    private int _seen;

    // Of the header section and of the whole message, once they are known.
    private int _headerLength;
    private int _messageLength;
    private bool _afterLineEnd;

    // Nothing that comes after an error is a message.
    private FramingError _error;

    /// <summary>Looks at what has arrived and was not taken yet.</summary>
    /// <param name="bytes">From the first byte behind the last frame on; never fewer than the last time.</param>
    public StreamFrame Next(ReadOnlySpan<byte> bytes)
    {
        if (_error != FramingError.None) return Error(_error);
        if (_headerLength == 0)
        {
            if (bytes.Length == 0) return default;
            if (bytes[0] is (byte)'\r' or (byte)'\n') return LineEnd(bytes);
            // Methods and "SIP/2.0" begin with a character of a token.
            if (!Grammar.IsToken(bytes[..1])) return Error(FramingError.NotSip);
            if (!TryFindHeaderEnd(bytes, out FramingError error))
                return error == FramingError.None ? default : Error(error);
            error = ReadContentLength(bytes[.._headerLength]);
            if (error != FramingError.None) return Error(error);
        }
        if (bytes.Length < _messageLength) return default;
        var frame = new StreamFrame(FrameKind.Message, FramingError.None, _messageLength, _headerLength);
        this = default;
        return frame;
    }

    private StreamFrame LineEnd(ReadOnlySpan<byte> bytes)
    {
        if (bytes[0] == '\n' || (bytes.Length > 1 && bytes[1] != '\n')) return Error(FramingError.NotSip);
        if (bytes.Length == 1) return default;
        _afterLineEnd = !_afterLineEnd;
        return new StreamFrame(_afterLineEnd ? FrameKind.Pong : FrameKind.Ping, FramingError.None, 2, 0);
    }

    private StreamFrame Error(FramingError error)
    {
        _error = error;
        return new StreamFrame(FrameKind.Error, error, 0, _headerLength);
    }

    /// <summary>The empty line. Every line before it ends in CRLF.</summary>
    private bool TryFindHeaderEnd(ReadOnlySpan<byte> bytes, out FramingError error)
    {
        error = FramingError.None;
        while (true)
        {
            int stop = bytes[_seen..].IndexOfAny((byte)'\r', (byte)'\n');
            int at = stop < 0 ? bytes.Length : _seen + stop;
            if (at + 2 > SipLimits.StreamHeaderBytesMax) error = FramingError.HeaderTooLong;
            else if (stop >= 0 && (bytes[at] == '\n' || (at + 1 < bytes.Length && bytes[at + 1] != '\n')))
                error = FramingError.BadLineEnd;
            if (error != FramingError.None) return false;
            // A CR whose LF has not come is looked at again.
            if (at + 1 >= bytes.Length)
            {
                _seen = at;
                return false;
            }
            bool isEmptyLine = at >= 2 && bytes[at - 1] == '\n';
            _seen = at + 2;
            if (!isEmptyLine) continue;
            _headerLength = _seen;
            return true;
        }
    }

    private FramingError ReadContentLength(ReadOnlySpan<byte> header)
    {
        bool found = false;
        uint length = 0;
        // The start line has no say, whatever it looks like.
        for (int line = header.IndexOf((byte)'\n') + 1; line < header.Length - 2;)
        {
            int end = line;
            do end += header[end..].IndexOf((byte)'\n') + 1;
            while (header[end] is (byte)' ' or (byte)'\t');
            ReadOnlySpan<byte> field = header[line..end];
            line = end;
            int colon = field.IndexOf((byte)':');
            ReadOnlySpan<byte> name = colon <= 0 ? default : field[..colon].TrimEnd(" \t"u8);
            if (name.Length == 0 || HeaderNames.Parse(name) != HeaderName.ContentLength) continue;
            if (found || !Numbers.TryParse(Grammar.Trim(field[(colon + 1)..]), out length))
                return FramingError.BadContentLength;
            found = true;
        }
        if (!found) return FramingError.NoContentLength;
        if (length > SipLimits.MessageBytesMax - header.Length) return FramingError.BodyTooLong;
        _messageLength = header.Length + (int)length;
        return FramingError.None;
    }
}
