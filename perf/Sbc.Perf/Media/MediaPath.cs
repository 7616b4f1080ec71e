using System.Net;
using Sbc.Perf.Machine;

namespace Sbc.Perf.Media;

/// <summary>Where the two ends of a call send to.</summary>
internal readonly record struct MediaRoute(IPEndPoint CallerSendsTo, IPEndPoint CalleeSendsTo);

/// <summary>
/// One row of the media table. A new row is a class like the ones beside this, and a line in the suite.
/// </summary>
internal abstract class MediaPath
{
    public abstract string Name { get; }
    public abstract string? Missing(Workspace workspace);

    /// <summary>Starts the relay and sets up the calls; throws <see cref="RowFailed"/>.</summary>
    public abstract RunningMedia Start(Workspace workspace, string folder, int calls);

    public static IPEndPoint CallerEnd(int call) =>
        new(IPAddress.Parse(Topology.Caller), Topology.MediaEndsFirst + 2 * call);

    public static IPEndPoint CalleeEnd(int call) =>
        new(IPAddress.Parse(Topology.Farm), Topology.MediaEndsFirst + 2 * call);
}

/// <summary>A relay with its calls up. <paramref name="relay"/> is null where the ends send to each other.</summary>
internal sealed class RunningMedia(ChildProcess? relay, MediaRoute[] routes, IDisposable? calls = null) : IDisposable
{
    public MediaRoute[] Routes { get; } = routes;
    public long CpuNanoseconds => relay is null ? 0 : ProcessTree.CpuNanoseconds(relay.Id);

    public void Dispose()
    {
        calls?.Dispose();
        relay?.Dispose();
    }
}
