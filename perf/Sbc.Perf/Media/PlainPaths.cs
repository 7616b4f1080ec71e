using System.Net;
using Sbc.Perf.Machine;

namespace Sbc.Perf.Media;

/// <summary>No relay: what the same traffic costs the machine and takes on its way anyway.</summary>
internal sealed class DirectPath : MediaPath
{
    public override string Name => "no relay";
    public override string? Missing(Workspace workspace) => null;

    public override RunningMedia Start(Workspace workspace, string folder, int calls) =>
        new(null, [.. Enumerable.Range(0, calls).Select(i => new MediaRoute(CalleeEnd(i), CallerEnd(i)))]);
}

/// <summary>The least a relay with a socket for each port can spend.</summary>
internal sealed class FloorPath(string name, string program) : MediaPath
{
    public override string Name => name;

    public override string? Missing(Workspace workspace) =>
        File.Exists(workspace.Floor(program)) ? null : $"perf/floor/{program}.c was not built";

    public override RunningMedia Start(Workspace workspace, string folder, int calls)
    {
        string[] arguments =
        [
            Topology.Edge, $"{Topology.MediaFirst}", Topology.Core, $"{Topology.MediaFirst}",
            Topology.Caller, Topology.Farm, $"{Topology.MediaEndsFirst}", $"{calls}",
        ];
        var process = workspace.StartInBox(workspace.Floor(program), arguments, folder, program);
        process.WaitForText("ready", TimeSpan.FromSeconds(5));
        return new RunningMedia(process, [.. Enumerable.Range(0, calls).Select(i => new MediaRoute(
            Port(Topology.Edge, i), Port(Topology.Core, i)))]);
    }

    private static IPEndPoint Port(string address, int call) =>
        new(IPAddress.Parse(address), Topology.MediaFirst + 2 * call);
}
