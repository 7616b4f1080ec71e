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

    /// <summary>The whole body may be ignored where it is not understood (RFC 3261 20.11), and is.</summary>
    Omitted,
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
        // Who leaves the type out still means what the receiver will take it for.
        bool isSdp = ContentTypes.Is(type, "application/sdp"u8) || (type.IsEmpty && body.StartsWith("v=0"u8));
        if (body.Length == 0 || (!isSdp && !IsMultipart(type))) return default;
        ReadOnlySpan<byte> disposition = message.Value(HeaderName.ContentDisposition);
        bool isPlain = IsPlain(message.Value(HeaderName.ContentEncoding));
        if (isPlain && !isSdp) return InParts(type, body, 0, DepthMax);
        if (isPlain && IsSession(disposition)) return new SessionPart(SessionPartKind.Found, 0, body.Length);
        return new SessionPart(IsOptional(disposition) ? SessionPartKind.Omitted : SessionPartKind.Unsupported);
    }

    /// <summary>
    /// A part that may hold addresses, cannot be read here, and may be ignored: it does not pass (RFC 5621 8).
    /// </summary>
    public static bool IsOmitted(BodyPart part)
    {
        if (!part.TryGetHeader("Content-Type"u8, out ReadOnlySpan<byte> type)) return false;
        if (!ContentTypes.Is(type, "application/sdp"u8) || IsReadable(part)) return false;
        part.TryGetHeader("Content-Disposition"u8, out ReadOnlySpan<byte> disposition);
        return IsOptional(disposition);
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
            // Of two types the receiver may believe the other one.
            if (part.CountOf("Content-Type"u8) > 1 || part.CountOf("Content-Disposition"u8) > 1)
                return new SessionPart(SessionPartKind.Malformed);
            if (!part.TryGetHeader("Content-Type"u8, out ReadOnlySpan<byte> partType)) continue;
            SessionPart inside = default;
            if (ContentTypes.Is(partType, "application/sdp"u8))
            {
                inside = IsReadable(part)
                    ? new SessionPart(SessionPartKind.Found, offset + part.Start, part.Length)
                    : IsOmitted(part) ? default : unsupported;
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

    private static bool IsReadable(BodyPart part)
    {
        part.TryGetHeader("Content-Encoding"u8, out ReadOnlySpan<byte> encoding);
        part.TryGetHeader("Content-Transfer-Encoding"u8, out ReadOnlySpan<byte> transfer);
        part.TryGetHeader("Content-Disposition"u8, out ReadOnlySpan<byte> disposition);
        return IsPlain(encoding) && IsPlain(transfer) && IsSession(disposition);
    }

    private static bool IsOptional(ReadOnlySpan<byte> disposition)
    {
        int semicolon = disposition.IndexOf((byte)';');
        return semicolon >= 0
            && Parameters.TryGet(disposition[semicolon..], "handling"u8, out ReadOnlySpan<byte> handling)
            && Ascii.EqualsIgnoreCase(handling.Trim((byte)'"'), "optional"u8);
    }

    private static bool IsPlain(ReadOnlySpan<byte> encoding) =>
        encoding.IsEmpty || Ascii.EqualsIgnoreCase(encoding, "identity"u8) ||
        Ascii.EqualsIgnoreCase(encoding, "8bit"u8) || Ascii.EqualsIgnoreCase(encoding, "7bit"u8) ||
        Ascii.EqualsIgnoreCase(encoding, "binary"u8);

    private static bool IsSession(ReadOnlySpan<byte> disposition) =>
        disposition.IsEmpty || ContentTypes.Is(disposition, "session"u8);
}
