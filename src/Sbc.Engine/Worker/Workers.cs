using Sbc.Engine.Calls;
using Sbc.Engine.Forwarding;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Media;
using Sbc.Runtime;

namespace Sbc.Engine.Worker;

/// <summary>What the workers of a box stand on: the kernel's sockets and threads, or the simulator's.</summary>
public sealed record WorkerGround
{
    public required int SignallingWorkers { get; init; }

    /// <summary>
    /// By worker, then by listener's slot. Who hosts the workers may fill a place before it publishes the snapshot that
    /// has its listener, and empty it on the worker's thread.
    /// </summary>
    public required IPacketPort?[][] Ports { get; init; }

    /// <summary>One for each media worker.</summary>
    public required IPacketPorts[] MediaPorts { get; init; }

    /// <summary>Streams of one signalling worker that stay together at one media worker.</summary>
    public int StreamsGathered { get; init; } = MediaLimits.StreamsGathered;

    public required IPortBinder Binder { get; init; }

    /// <summary>Signalling workers first, then media workers.</summary>
    public required Doorbell[] Doorbells { get; init; }

    /// <summary>Random, secret, new for each process: tokens cannot be guessed, tables not be flooded.</summary>
    public required ulong[] Keys { get; init; }

    /// <summary>Two numbers, for the tokens of mode forward; null: of this process alone.</summary>
    public ulong[]? ForwardKeys { get; init; }

    public required Instant Start { get; init; }

    /// <summary>Null: a name in a request refuses it.</summary>
    public INameResolver? Resolver { get; init; }
}

/// <summary>All workers of one box, wired to each other.</summary>
public sealed class Workers
{
    /// <summary>Streams one signalling worker may have at one media worker.</summary>
    private const int StreamsMax = 32_768;

    private const int LogRecords = 1024;

    public Workers(WorkerGround ground, SnapshotCell<Snapshot> snapshots, SharedCells cells)
    {
        int count = ground.SignallingWorkers;
        Snapshots = snapshots;
        Cells = cells;
        Doorbell[] doorbells = ground.Doorbells[..count];
        var crossbar = new Crossbar(count, doorbells);
        var tokens = new Tokens(new SipHash(ground.Keys[0], ground.Keys[1]));
        ulong[] forwardKeys = ground.ForwardKeys ?? ground.Keys;
        var forwardTokens = new ForwardTokens(new SipHash(forwardKeys[0], forwardKeys[1]));
        var hash = new SipHash(ground.Keys[2], ground.Keys[3]);
        Locations = new LocationTable(count, hash);
        var nonces = new NonceCounts(hash);
        FailedLogins = new FailedLogins(hash);
        MediaLink[][] links = Links(ground, doorbells);
        Media = new MediaWorker[ground.MediaPorts.Length];
        for (int i = 0; i < Media.Length; i++)
        {
            Media[i] = new MediaWorker(
                ground.MediaPorts[i], new PacketPool(MediaLimits.BatchPackets, MediaLimits.DatagramBytesMax),
                [.. links.Select(row => row[i])], ground.Doorbells[count + i], Limits.RealmsMax, hash);
        }
        Signalling = new SignallingWorker[count];
        Logs = new SpscRing<LogRecord>[count];
        for (int i = 0; i < count; i++)
        {
            var counters = new WorkerCounters();
            Logs[i] = new SpscRing<LogRecord>(LogRecords);
            var outbox = new Outbox(ground.Ports[i], counters);
            outbox.Adopt(snapshots.Current.Listeners);
            var work = new Workspace(
                i, snapshots.Current, cells, tokens, forwardTokens, hash, outbox, counters,
                Logs[i], ground.Keys[4] + (ulong)i, ground.Start);
            MediaClient? client = Media.Length == 0 ? null : new MediaClient(i, ground.Binder, links[i],
                Limits.CallsMax);
            Signalling[i] = new SignallingWorker(
                work,
                new WorkerParts(work, new CallMedia(work, client), ground.Resolver, Locations, nonces, FailedLogins),
                ground.Ports[i], snapshots, crossbar);
        }
    }

    public SnapshotCell<Snapshot> Snapshots { get; }

    public SharedCells Cells { get; }

    public LocationTable Locations { get; }

    /// <summary>Who guesses passwords: for the guard.</summary>
    public FailedLogins FailedLogins { get; }

    public SignallingWorker[] Signalling { get; }

    public MediaWorker[] Media { get; }

    /// <summary>What each signalling worker has to tell; one reader.</summary>
    public SpscRing<LogRecord>[] Logs { get; }

    private static MediaLink[][] Links(WorkerGround ground, Doorbell[] doorbells)
    {
        var links = new MediaLink[ground.SignallingWorkers][];
        for (int i = 0; i < links.Length; i++)
        {
            links[i] = new MediaLink[ground.MediaPorts.Length];
            for (int media = 0; media < links[i].Length; media++)
            {
                links[i][media] = new MediaLink(
                    doorbells[i], ground.Doorbells[links.Length + media], StreamsMax, ground.StreamsGathered);
            }
        }
        return links;
    }
}
