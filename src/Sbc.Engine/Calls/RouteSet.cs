using Sbc.Engine.Pipeline;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>The route set that Record-Route of a message makes (RFC 3261 12.1.1, 12.1.2).</summary>
public static class RouteSet
{
    /// <summary>A longer route set is refused: it would not fit into requests together with all else.</summary>
    public const int BytesMax = 2048;

    /// <summary>Writes the values in order, or reversed as the UAC takes them; -1 when they are too long or none.</summary>
    public static int Write(SipMessage message, bool reversed, Span<byte> destination)
    {
        int length = 0;
        var values = new HeaderValues(message, HeaderName.RecordRoute);
        while (values.MoveNext())
        {
            ReadOnlySpan<byte> value = values.Current;
            if (!NameAddress.TryParse(value, out NameAddress route) || !Sanity.FitsRequestLine(route.Uri)) return -1;
            int needed = value.Length + (length > 0 ? 2 : 0);
            if (length + needed > destination.Length) return -1;
            if (length == 0)
            {
                value.CopyTo(destination);
            }
            else if (reversed)
            {
                destination[..length].CopyTo(destination[needed..]);
                value.CopyTo(destination);
                ", "u8.CopyTo(destination[value.Length..]);
            }
            else
            {
                ", "u8.CopyTo(destination[length..]);
                value.CopyTo(destination[(length + 2)..]);
            }
            length += needed;
        }
        return length;
    }
}
