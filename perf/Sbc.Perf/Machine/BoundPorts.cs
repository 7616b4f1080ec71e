using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Sbc.Perf.Machine;

/// <summary>Waits until a UDP port is bound, for programs that do not say when they serve.</summary>
internal static class BoundPorts
{
    public static void Wait(string address, int port, ChildProcess owner)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        var entry = string.Create(CultureInfo.InvariantCulture,
            $"{bytes[3]:X2}{bytes[2]:X2}{bytes[1]:X2}{bytes[0]:X2}:{port:X4}");
        var clock = Stopwatch.StartNew();
        while (!File.ReadAllText($"/proc/{owner.Id}/net/udp").Contains(entry, StringComparison.Ordinal))
        {
            if (owner.HasExited) throw new RowFailed($"ended at start: {owner.LogTail()}");
            if (clock.Elapsed > TimeSpan.FromSeconds(10)) throw new RowFailed($"{address}:{port} was never bound");
            Thread.Sleep(20);
        }
    }
}
