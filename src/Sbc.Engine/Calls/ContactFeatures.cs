using System.Text;

namespace Sbc.Engine.Calls;

/// <summary>
/// Contact header parameters that describe the device and not where it is (RFC 3840 9, RFC 3261 20.10).
/// </summary>
public static class ContactFeatures
{
    private static readonly byte[][] Names =
    [
        [.. "q"u8], [.. "isfocus"u8], [.. "audio"u8], [.. "video"u8], [.. "text"u8], [.. "data"u8],
            [.. "application"u8],
        [.. "control"u8], [.. "automata"u8], [.. "class"u8], [.. "duplex"u8], [.. "mobility"u8], [.. "description"u8],
        [.. "events"u8], [.. "priority"u8], [.. "extensions"u8], [.. "schemes"u8], [.. "language"u8], [.. "type"u8],
        [.. "actor"u8],
    ];

    public static bool Passes(ReadOnlySpan<byte> name)
    {
        if (name.Length > 1 && name[0] == '+') return true;
        foreach (byte[] known in Names)
        {
            if (Ascii.EqualsIgnoreCase(known, name)) return true;
        }
        return false;
    }
}
