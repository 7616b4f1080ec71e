namespace Sbc.Engine.Calls;

/// <summary>
/// The Replaces that a Refer-To asks for in the header part of its URI (RFC 3891 4, RFC 3261 19.1.1).
/// </summary>
public static class ReferredDialog
{
    /// <param name="replaces">Where its escaped value stands in the field.</param>
    public static bool TryFind(ReadOnlySpan<byte> referTo, out Range replaces)
    {
        replaces = default;
        int start = referTo.IndexOf((byte)'?');
        while (start >= 0)
        {
            start++;
            ReadOnlySpan<byte> header = referTo[start..];
            int end = header.IndexOfAny("&> \t"u8);
            if (end >= 0) header = header[..end];
            if (header.Length > 9 && System.Text.Ascii.EqualsIgnoreCase(header[..9], "replaces="u8))
            {
                replaces = (start + 9)..(start + header.Length);
                return true;
            }
            start = end >= 0 && referTo[start + end] == '&' ? start + end : -1;
        }
        return false;
    }
}
