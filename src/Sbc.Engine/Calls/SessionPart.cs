using System.Text;
using Sbc.Sip.Bodies;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>What of a body is a session description.</summary>
public enum SessionPartKind : byte
{
    /// <summary>Nothing: the body means something else, or there is none.</summary>
    None,

    /// <summary>The body, or one of its parts.</summary>
    Found,

    /// <summary>
    /// It may hold one that cannot be read here: encoded, of another disposition, or one of several. 415.
    /// </summary>
    Unsupported,

    /// <summary>A multipart body that is none. 400.</summary>
    Malformed,
}

/// <summary>Finds the session description in a message (RFC 3264 5, RFC 5621 3 and 8).</summary>
/// <param name="Start">Its first byte in the body.</param>
public readonly record struct SessionPart(SessionPartKind Kind, int Start = 0, int Length = 0)
{
    // Alternatives inside of a mixed body are in use; deeper ones are not.
    internal const int DepthMax = 3;

    public static SessionPart Of(SipMessage message)
    {
        ReadOnlySpan<byte> body = message.Body;
        ReadOnlySpan<byte> type = message.Value(HeaderName.ContentType);
        bool isSdp = ContentTypes.Is(type, "application/sdp"u8);
        if (body.Length == 0 || (!isSdp && !IsMultipart(type))) return default;
        if (!IsPlain(message.Value(HeaderName.ContentEncoding))) return new SessionPart(SessionPartKind.Unsupported);
        if (!isSdp) return InParts(type, body, 0, DepthMax);
        return IsSession(message.Value(HeaderName.ContentDisposition))
            ? new SessionPart(SessionPartKind.Found, 0, body.Length)
            : new SessionPart(SessionPartKind.Unsupported);
    }

    public static bool IsMultipart(ReadOnlySpan<byte> type) =>
        type.Length > 10 && Ascii.EqualsIgnoreCase(type[..10], "multipart/"u8);

    private static SessionPart InParts(ReadOnlySpan<byte> type, ReadOnlySpan<byte> body, int offset, int depth)
    {
        var unsupported = new SessionPart(SessionPartKind.Unsupported);
        if (depth == 0) return unsupported;
        if (!Multipart.TryOpen(type, body, out Multipart parts, out _))
            return new SessionPart(SessionPartKind.Malformed);
        SessionPart found = default;
        while (parts.MoveNext())
        {
            BodyPart part = parts.Current;
            if (!part.TryGetHeader("Content-Type"u8, out ReadOnlySpan<byte> partType)) continue;
            SessionPart inside = default;
            if (ContentTypes.Is(partType, "application/sdp"u8))
            {
                part.TryGetHeader("Content-Encoding"u8, out ReadOnlySpan<byte> encoding);
                part.TryGetHeader("Content-Transfer-Encoding"u8, out ReadOnlySpan<byte> transfer);
                part.TryGetHeader("Content-Disposition"u8, out ReadOnlySpan<byte> disposition);
                inside = IsPlain(encoding) && IsPlain(transfer) && IsSession(disposition)
                    ? new SessionPart(SessionPartKind.Found, offset + part.Start, part.Length)
                    : unsupported;
            }
            else if (IsMultipart(partType))
            {
                inside = InParts(partType, part.Body, offset + part.Start, depth - 1);
            }
            if (inside.Kind == SessionPartKind.None) continue;
            // Two are a choice between descriptions that no anchor can follow.
            if (found.Kind != SessionPartKind.None || inside.Kind != SessionPartKind.Found)
                return inside.Kind == SessionPartKind.Malformed ? inside : unsupported;
            found = inside;
        }
        return parts.Error == MultipartError.None ? found : new SessionPart(SessionPartKind.Malformed);
    }

    private static bool IsPlain(ReadOnlySpan<byte> encoding) =>
        encoding.IsEmpty || Ascii.EqualsIgnoreCase(encoding, "identity"u8) ||
        Ascii.EqualsIgnoreCase(encoding, "8bit"u8) || Ascii.EqualsIgnoreCase(encoding, "7bit"u8) ||
        Ascii.EqualsIgnoreCase(encoding, "binary"u8);

    private static bool IsSession(ReadOnlySpan<byte> disposition) =>
        disposition.IsEmpty || ContentTypes.Is(disposition, "session"u8);
}
