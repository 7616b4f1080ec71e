using System.Net;
using System.Net.NetworkInformation;

namespace Sbc.Demo;

/// <summary>Says which port is taken before anything is started, rather than which program fell over it.</summary>
internal static class PortCheck
{
    public static void Run()
    {
        IPGlobalProperties machine = IPGlobalProperties.GetIPGlobalProperties();
        IPEndPoint[] udp = machine.GetActiveUdpListeners();
        IPEndPoint[] tcp = machine.GetActiveTcpListeners();
        var taken = new List<string>();
        foreach (string address in (string[])[Plan.Edge, Plan.Core, Plan.Phones, .. Plan.Farm.Select(p => p.Address)])
        {
            if (IsTaken(udp, address, Plan.SipPort)) taken.Add($"{address}:{Plan.SipPort}/udp");
        }
        foreach ((_, string address) in Plan.Farm)
        {
            if (IsTaken(udp, address, Plan.EchoPort)) taken.Add($"{address}:{Plan.EchoPort}/udp");
        }
        foreach (int port in (int[])[Plan.AlicePort, Plan.BobPort])
        {
            if (IsTaken(udp, Plan.Edge, port)) taken.Add($"{Plan.Edge}:{port}/udp");
        }
        if (IsTaken(tcp, Plan.Edge, Plan.AdminPort)) taken.Add($"{Plan.Edge}:{Plan.AdminPort}/tcp");
        if (taken.Count == 0) return;
        throw new DemoFailed($"already in use: {string.Join(", ", taken)}. Another sbc, SIP server or demo is running; "
            + "`ss -lntup` as root names it. End it and start the demo again.");
    }

    public static bool IsUdpBound(string address, int port) =>
        IsTaken(IPGlobalProperties.GetIPGlobalProperties().GetActiveUdpListeners(), address, port);

    private static bool IsTaken(IPEndPoint[] listeners, string address, int port) => listeners.Any(listener =>
        listener.Port == port
        && (listener.Address.Equals(IPAddress.Parse(address)) || listener.Address.Equals(IPAddress.Any)
            || listener.Address.Equals(IPAddress.IPv6Any)));
}
