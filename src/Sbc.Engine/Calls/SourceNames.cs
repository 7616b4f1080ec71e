using Sbc.Media;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>
/// Names of sources in descriptions (a=ssrc with cname, RFC 5576 6.1), as strangers may read them: the same name that
/// stands in place of theirs in RTCP, so that the two still fit.
/// </summary>
public static class SourceNames
{
    private static ReadOnlySpan<byte> Attribute => "a=ssrc:"u8;

    private static ReadOnlySpan<byte> Name => " cname:"u8;

    public static bool AreIn(ReadOnlySpan<byte> description) => description.IndexOf(Name) >= 0;

    /// <param name="call">As the relay's streams of the call know it.</param>
    /// <returns>Empty where it does not fit.</returns>
    public static ReadOnlySpan<byte> Hide(
        ReadOnlySpan<byte> description, scoped in CanonicalNames names, long call, Span<byte> destination)
    {
        Span<byte> name = stackalloc byte[CanonicalNames.NameBytes];
        var writer = new SipWriter(destination);
        while (description.Length > 0)
        {
            int end = description.IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = end == 0 ? description : description[..end];
            description = description[line.Length..];
            int at = line.StartsWith(Attribute) ? line.IndexOf(Name) : -1;
            if (at >= 0)
            {
                ReadOnlySpan<byte> original = line[(at + Name.Length)..].TrimEnd("\r\n "u8);
                // No name of RTCP is longer.
                names.Write(call, original[..Math.Min(original.Length, byte.MaxValue)], name);
                writer.Raw(line[..(at + Name.Length)]);
                writer.Raw(name);
                line = line[(at + Name.Length + original.Length)..];
            }
            writer.Raw(line);
        }
        return writer.Overflowed ? default : writer.Written;
    }
}
