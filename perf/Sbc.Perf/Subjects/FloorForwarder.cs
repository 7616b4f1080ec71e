using Sbc.Perf.Machine;

namespace Sbc.Perf.Subjects;

/// <summary>The least a socket program can spend: the datagrams are forwarded unread, in C.</summary>
internal sealed class FloorForwarder(int threads) : Subject
{
    public override string Name => $"floor: C, unread, {threads} thread{(threads == 1 ? "" : "s")}";

    public override string? Missing(Workspace workspace) =>
        File.Exists(workspace.Forward) ? null : "perf/floor/forward.c was not built";

    public override RunningSubject Start(Workspace workspace, string folder)
    {
        var port = $"{Topology.SipPort}";
        string[] arguments = [Topology.Edge, port, Topology.Core, port, Topology.Farm, port, $"{threads}"];
        var process = ChildProcess.Start(workspace.Forward, arguments, folder, "forward");
        process.WaitForText("ready", TimeSpan.FromSeconds(5));
        return new RunningSubject(process);
    }
}
