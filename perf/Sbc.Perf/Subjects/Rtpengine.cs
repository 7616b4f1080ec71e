using Sbc.Perf.Machine;

namespace Sbc.Perf.Subjects;

/// <summary>rtpengine in user space (no kernel module), two threads, nothing logged.</summary>
internal static class Rtpengine
{
    public static ChildProcess Start(Workspace workspace, string folder)
    {
        string[] arguments =
        [
            "--foreground", "--log-stderr", "--log-level=4", "--table=-1", "--delete-delay=0", "--num-threads=2",
            $"--interface=edge/{Topology.Edge}", $"--interface=core/{Topology.Core}",
            $"--listen-ng={Topology.Edge}:{Topology.ControlPort}",
            $"--port-min={Topology.MediaFirst}", $"--port-max={Topology.MediaLast}",
        ];
        var process = workspace.StartInBox("rtpengine", arguments, folder, "rtpengine");
        BoundPorts.Wait(Topology.Edge, Topology.ControlPort, process);
        return process;
    }
}
