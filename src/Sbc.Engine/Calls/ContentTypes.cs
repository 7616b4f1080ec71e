using System.Text;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>Compares media types without their parameters (RFC 3261 20.15).</summary>
public static class ContentTypes
{
    public static bool Is(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> expected) =>
        Ascii.EqualsIgnoreCase(Bare(contentType), expected);

    public static ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> contentType)
    {
        int end = contentType.IndexOf((byte)';');
        return Grammar.Trim(end < 0 ? contentType : contentType[..end]);
    }
}
