using System.Globalization;

namespace Sbc.Network;

/// <summary>Settings of the host that decide what sockets get; read at start, not on the packet path.</summary>
public static class KernelSettings
{
    /// <summary>Names as sysctl writes them.</summary>
    public const string ReceiveBufferBytesMax = "net.core.rmem_max";

    public const string SendBufferBytesMax = "net.core.wmem_max";

    public const string EphemeralPorts = "net.ipv4.ip_local_port_range";

    /// <summary>The ports the kernel gives out by itself; a media range that overlaps them meets strangers.</summary>
    /// <returns>False where the host does not say.</returns>
    public static bool TryReadEphemeralPorts(out int first, out int last)
    {
        first = 0;
        last = 0;
        if (!TryRead(EphemeralPorts, out string text)) return false;
        string[] parts = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out first)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out last);
    }

    /// <param name="setting">As sysctl writes it, with dots.</param>
    public static bool TryReadNumber(string setting, out long value)
    {
        value = 0;
        return TryRead(setting, out string text)
            && long.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static bool TryRead(string setting, out string text)
    {
        text = "";
        try
        {
            text = File.ReadAllText("/proc/sys/" + setting.Replace('.', '/'));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A container may hide /proc/sys; the program says what it does not know.
            return false;
        }
    }
}
