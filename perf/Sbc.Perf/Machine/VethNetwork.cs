using System.Diagnostics;

namespace Sbc.Perf.Machine;

/// <summary>
/// The box and the farm in network namespaces of their own, each joined to the next by a veth pair, and a third pair
/// from caller to farm for the same traffic without a relay. On loopback all addresses are of one namespace.
/// </summary>
internal sealed class VethNetwork : IDisposable
{
    private readonly Process box;
    private readonly Process farm;

    public VethNetwork()
    {
        box = Hold();
        farm = Hold();
        Link("edge", "edge", box, $"{Topology.Caller}/24", $"{Topology.Edge}/24");
        Ip("link", "add", "core", "type", "veth", "peer", "name", "core", "netns", $"{farm.Id}");
        Ip("link", "set", "core", "netns", $"{box.Id}");
        Within(box, "ip", "addr", "add", $"{Topology.Core}/24", "dev", "core");
        Within(box, "ip", "link", "set", "core", "up");
        Within(farm, "ip", "addr", "add", $"{Topology.Farm}/24", "dev", "core");
        Within(farm, "ip", "link", "set", "core", "up");
        Link("direct", "direct", farm, "10.78.3.1/24", "10.78.3.2/24");
        Ip("route", "add", $"{Topology.Farm}/32", "dev", "direct");
        Within(farm, "ip", "route", "add", $"{Topology.Caller}/32", "dev", "direct");
    }

    public int BoxId => box.Id;
    public string FarmFile => $"/proc/{farm.Id}/ns/net";

    /// <summary>Everything on the loopback of the harness's namespace.</summary>
    public static void UseLoopback()
    {
        foreach (var address in new[] { Topology.Caller, Topology.Edge, Topology.Core, Topology.Farm })
            Ip("addr", "add", $"{address}/32", "dev", "lo");
    }

    public void Dispose()
    {
        foreach (var holder in new[] { box, farm })
        {
            holder.Kill();
            holder.WaitForExit();
            holder.Dispose();
        }
    }

    private static void Link(string here, string there, Process other, string hereAddress, string thereAddress)
    {
        Ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", $"{other.Id}");
        Ip("addr", "add", hereAddress, "dev", here);
        Ip("link", "set", here, "up");
        Within(other, "ip", "addr", "add", thereAddress, "dev", there);
        Within(other, "ip", "link", "set", there, "up");
    }

    /// <summary>Keeps a namespace alive; unshare becomes the program it names and keeps its id.</summary>
    private static Process Hold()
    {
        var start = new ProcessStartInfo("unshare") { RedirectStandardOutput = true };
        foreach (var part in new[] { "--net", "--", "sh", "-c", "ip link set lo up; echo ready; exec sleep infinity" })
            start.ArgumentList.Add(part);
        var holder = Process.Start(start)!;
        if (holder.StandardOutput.ReadLine() != "ready") throw new RowFailed("no network namespace");
        return holder;
    }

    private static void Within(Process holder, string program, params string[] arguments) =>
        Run("nsenter", [$"--net=/proc/{holder.Id}/ns/net", program, .. arguments]);

    private static void Ip(params string[] arguments) => Run("ip", arguments);

    private static void Run(string program, string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0) throw new RowFailed($"{program} {string.Join(' ', arguments)} failed");
    }
}
