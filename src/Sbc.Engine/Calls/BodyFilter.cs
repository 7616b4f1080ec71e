using System.Text;
using Sbc.Engine.Worker;
using Sbc.Sip.Bodies;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>
/// Bodies other than session descriptions that name one side's addresses and dialogs: what a REFER came to
/// (message/sipfrag, RFC 3420), who is in a call (dialog-info, RFC 4235), and documents that name people by URI.
/// </summary>
public sealed class BodyFilter
{
    private readonly byte[] _text = new byte[Limits.BodyBytesMax];
    private readonly byte[] _names = new byte[3 * TagBytesMax];

    // A start tag with the names of a dialog; a longer one goes without its attributes.
    private const int TagBytesMax = 512;

    /// <summary>The body as the other side may read it; empty where that does not fit.</summary>
    /// <param name="omits">Session descriptions that cannot be read, and need not be, go.</param>
    public ReadOnlySpan<byte> Apply(SipMessage message, scoped HostMap map, bool omits) =>
        Write(message, new Replaced { Omits = omits }, map);

    /// <summary>The body with another session description, its other parts as the other side may read them.</summary>
    public ReadOnlySpan<byte> Replace(
        SipMessage message, SessionPart part, ReadOnlySpan<byte> description, scoped HostMap map)
    {
        bool isWhole = part.Length == message.BodyLength;
        // The part is named by its place in the whole body.
        return isWhole
            ? description
            : Write(message, new Replaced { Part = part, Description = description, Omits = true }, map);
    }

    private ReadOnlySpan<byte> Write(SipMessage message, scoped Replaced replaced, scoped HostMap map)
    {
        ReadOnlySpan<byte> body = message.Body;
        if (body.Length == 0) return body;
        ReadOnlySpan<byte> type = message.Value(HeaderName.ContentType);
        var writer = new SipWriter(_text);
        if (!TryWrite(ref writer, type, body, 0, SessionPart.DepthMax, replaced, map)) return body;
        return writer.Overflowed ? default : writer.Written;
    }

    private readonly ref struct Replaced
    {
        public SessionPart Part { get; init; }

        public ReadOnlySpan<byte> Description { get; init; }

        public bool Omits { get; init; }

        public bool IsAt(int start, int length) =>
            Part.Kind == SessionPartKind.Found && Part.Start == start && Part.Length == length;
    }

    /// <summary>False where the body passes as it is.</summary>
    private bool TryWrite(
        ref SipWriter writer, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, int offset, int depth,
        scoped Replaced replaced, scoped HostMap map)
    {
        ReadOnlySpan<byte> type = ContentTypes.Bare(contentType);
        if (Ascii.EqualsIgnoreCase(type, "message/sipfrag"u8)) WriteFragment(ref writer, body, map);
        else if (DialogInfo.Is(type)) WriteDialogs(ref writer, body, map);
        else if (NamesPeople(type)) HostMap.Write(ref writer, body, map);
        else if (SessionPart.IsMultipart(type) && depth > 0)
            return TryWriteParts(ref writer, contentType, body, offset, depth, replaced, map);
        else return false;
        return true;
    }

    private bool TryWriteParts(
        ref SipWriter writer, ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body, int offset, int depth,
        scoped Replaced replaced, scoped HostMap map)
    {
        if (!Multipart.TryOpen(contentType, body, out Multipart parts, out _)) return false;
        int copied = 0;
        bool isAnyLeft = false;
        while (parts.MoveNext())
        {
            BodyPart part = parts.Current;
            if (replaced.Omits && SessionPart.IsOmitted(part))
            {
                // With the delimiter before it: what follows has its own.
                copied = part.Start + part.Length;
                continue;
            }
            isAnyLeft = true;
            writer.Raw(body[copied..part.HeaderStart]);
            copied = part.Start + part.Length;
            WritePartHeaders(ref writer, part);
            part.TryGetHeader("Content-Type"u8, out ReadOnlySpan<byte> type);
            int start = offset + part.Start;
            if (replaced.IsAt(start, part.Length)) writer.Raw(replaced.Description);
            else if (!TryWrite(ref writer, type, part.Body, start, depth - 1, replaced, map)) writer.Raw(part.Body);
        }
        if (isAnyLeft) writer.Raw(body[copied..]);
        return true;
    }

    /// <summary>A length among them would be wrong afterwards, and the boundary tells where a part ends.</summary>
    private static void WritePartHeaders(ref SipWriter writer, BodyPart part)
    {
        ReadOnlySpan<byte> headers = part.Headers;
        while (headers.Length > 0)
        {
            int end = headers.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = end == 0 ? headers : headers[..end];
            headers = headers[line.Length..];
            int colon = line.IndexOf((byte)':');
            if (colon < 0 || !Ascii.EqualsIgnoreCase(Grammar.Trim(line[..colon]), "Content-Length"u8))
                writer.Raw(line);
        }
    }

    /// <summary>
    /// A session description may name people too: some phones make their cname of their URI (RFC 5576 6.1).
    /// </summary>
    public ReadOnlySpan<byte> Map(ReadOnlySpan<byte> description, scoped HostMap map)
    {
        if (description.IndexOf("sip:"u8) < 0 && description.IndexOf("sips:"u8) < 0) return description;
        var writer = new SipWriter(_text);
        HostMap.Write(ref writer, description, map);
        return writer.Overflowed ? default : writer.Written;
    }

    private static bool NamesPeople(ReadOnlySpan<byte> type) =>
        Ascii.EqualsIgnoreCase(type, "application/simple-message-summary"u8) ||
        (type.Length > 16 && Ascii.EqualsIgnoreCase(type[..12], "application/"u8) &&
            Ascii.EqualsIgnoreCase(type[^4..], "+xml"u8));

    /// <summary>Of a fragment the start line and what says nothing of the way it took.</summary>
    private static void WriteFragment(ref SipWriter writer, ReadOnlySpan<byte> body, scoped HostMap map)
    {
        bool isHidden = false;
        for (bool isFirst = true; body.Length > 0; isFirst = false)
        {
            int end = body.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = end == 0 ? body : body[..end];
            body = body[line.Length..];
            int colon = line.IndexOf((byte)':');
            // A folded line belongs to the field above it.
            if (line[0] is not ((byte)' ' or (byte)'\t'))
                isHidden = !isFirst && colon > 0 && IsHidden(HeaderNames.Parse(Grammar.Trim(line[..colon])));
            if (!isHidden) HostMap.Write(ref writer, line, map);
        }
    }

    private static bool IsHidden(HeaderName name) => name is HeaderName.Via
        or HeaderName.Route or HeaderName.RecordRoute or HeaderName.CallId or HeaderName.Contact
        or HeaderName.Server or HeaderName.UserAgent or HeaderName.Warning
        or HeaderName.Path or HeaderName.ServiceRoute;

    private void WriteDialogs(ref SipWriter writer, ReadOnlySpan<byte> body, scoped HostMap map)
    {
        int written = 0;
        var dialogs = new DialogInfo(body);
        while (dialogs.MoveNext())
        {
            (int start, int length) = dialogs.Tag.GetOffsetAndLength(body.Length);
            HostMap.Write(ref writer, body[written..start], map);
            written = start + length;
            ReadOnlySpan<byte> tag = body.Slice(start, length);
            if (map.Names is not null &&
                map.Names.TryTranslate(dialogs.Current, map.From.Id, map.To.Id, out DialogName told))
                WriteTag(ref writer, tag, told);
            else writer.Raw(tag);
        }
        HostMap.Write(ref writer, body[written..], map);
    }

    private void WriteTag(ref SipWriter writer, ReadOnlySpan<byte> tag, in DialogName told)
    {
        // One attribute after the other is replaced, each in a place of its own: one may be lacking.
        ReadOnlySpan<byte> current = tag;
        current = Replace(current, "call-id"u8, told.CallId, _names.AsSpan(0, TagBytesMax));
        current = Replace(current, "local-tag"u8, told.Near, _names.AsSpan(TagBytesMax, TagBytesMax));
        current = Replace(current, "remote-tag"u8, told.Far, _names.AsSpan(2 * TagBytesMax));
        writer.Raw(current);
    }

    private static ReadOnlySpan<byte> Replace(
        ReadOnlySpan<byte> tag, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, Span<byte> scratch)
    {
        (int start, int length) = DialogInfo.Find(tag, name).GetOffsetAndLength(tag.Length);
        if (length == 0) return tag;
        var writer = new SipWriter(scratch);
        writer.Raw(tag[..start]);
        writer.Raw(value);
        writer.Raw(tag[(start + length)..]);
        return writer.Overflowed ? "<dialog"u8 : writer.Written;
    }
}
