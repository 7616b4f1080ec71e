using System.Security.Cryptography;
using Sbc.Engine;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Network;
using Sbc.Program.Logging;
using Sbc.Runtime;

namespace Sbc.Program.Serving;

/// <summary>
/// The sockets that signalling is received on: opened before a configuration that has them is published, and kept,
/// when one has them no more, for as long as calls or transactions name them.
/// </summary>
/// <remarks>All but the counters are called by one thread at a time: the server's publishing lock says which.</remarks>
public sealed class ListenerSet : IDisposable
{
    /// <summary>A walk may have been in the middle when the listener was retired: the second one is whole.</summary>
    private const int WalksMin = 2;

    /// <summary>T1 * 64: what is repeated to a listener that nothing names any more still finds somebody.</summary>
    private static readonly TimeSpan RetiredMin = TimeSpan.FromSeconds(32);

    private readonly int _workers;
    private readonly ListenerSlots _slots;
    private readonly Open?[] _open = new Open?[Limits.ListenersMax];
    private readonly IPacketPort?[][] _ports;
    private readonly long[] _drops = new long[Limits.RealmsMax];
    private readonly long[] _dropsOfClosed = new long[Limits.RealmsMax];

    /// <summary>What is known of an open listener.</summary>
    private sealed class Open(string key, int realm, UdpListener socket)
    {
        public string Key { get; } = key;

        public int Realm { get; } = realm;

        public UdpListener Socket { get; } = socket;

        /// <summary>Null: the configuration that is served has it.</summary>
        public long[]? WalksAtRetirement { get; set; }

        public long RetiredAt { get; set; }
    }

    /// <param name="workers">Signalling workers: each has a socket of each listener.</param>
    public ListenerSet(int workers, ListenerSlots slots)
    {
        _workers = workers;
        _slots = slots;
        _ports = [.. Enumerable.Range(0, workers).Select(_ => new IPacketPort?[Limits.ListenersMax])];
    }

    /// <summary>By worker, then by slot.</summary>
    public IPacketPort?[][] Ports => _ports;

    /// <summary>By slot, those that are kept for their calls among them.</summary>
    public IEnumerable<UdpListener> Sockets => _open.Where(open => open is not null).Select(open => open!.Socket);

    /// <summary>Opens what the configuration has more than what is open, or nothing at all.</summary>
    /// <param name="added">The slots of what was opened.</param>
    /// <returns>Where each listener of the configuration is bound, in its order.</returns>
    /// <exception cref="NetworkException">A port cannot be bound.</exception>
    /// <exception cref="InvalidOperationException">More listeners than a worker can have.</exception>
    public IReadOnlyList<TransportAddress> Bind(SbcConfig config, out IReadOnlyList<int> added)
    {
        if (!_slots.TryTake(config, out added))
        {
            throw new InvalidOperationException(
                $"more than {Limits.ListenersMax} listeners, with those that were removed and still have calls");
        }
        IReadOnlyList<string> keys = ListenerSlots.KeysOf(config);
        var bound = new List<TransportAddress>();
        try
        {
            foreach (RealmConfig realm in config.Realms)
            {
                foreach (ListenConfig listen in realm.Listen)
                {
                    string key = keys[bound.Count];
                    _slots.TryFind(key, out int slot);
                    _open[slot] ??= new Open(key, -1, Bind(realm, listen));
                    bound.Add(_open[slot]!.Socket.Local);
                }
            }
        }
        catch
        {
            Undo(added);
            throw;
        }
        foreach (int slot in added)
        {
            for (int i = 0; i < _workers; i++) _ports[i][slot] = _open[slot]!.Socket.Ports[i];
        }
        return bound;
    }

    /// <summary>Closes what was opened for a configuration that was not published.</summary>
    public void Undo(IReadOnlyList<int> added)
    {
        foreach (int slot in added)
        {
            foreach (IPacketPort?[] ports in _ports) ports[slot] = null;
            _open[slot]?.Socket.Dispose();
            _open[slot] = null;
        }
        _slots.Undo(added);
    }

    /// <summary>A configuration is published: what it has no more is retired, what it has again is not.</summary>
    public void Adopt(SbcConfig config, Snapshot snapshot, Workers workers)
    {
        HashSet<string> keys = [.. ListenerSlots.KeysOf(config)];
        for (int slot = 0; slot < _open.Length; slot++)
        {
            if (_open[slot] is not { } open) continue;
            if (open.Realm < 0)
            {
                open = new Open(open.Key, snapshot.Listeners[slot].RealmId, open.Socket);
                Volatile.Write(ref _open[slot], open);
            }
            if (keys.Contains(open.Key))
            {
                open.WalksAtRetirement = null;
                continue;
            }
            if (open.WalksAtRetirement is not null) continue;
            open.WalksAtRetirement = [.. workers.Signalling.Select(worker => worker.Parts.Auditor.Walks)];
            open.RetiredAt = Environment.TickCount64;
        }
    }

    /// <summary>The retired listeners that no call and no transaction names any more.</summary>
    public IReadOnlyList<int> Unused(Workers workers)
    {
        var unused = new List<int>();
        for (int slot = 0; slot < _open.Length; slot++)
        {
            if (_open[slot] is not { WalksAtRetirement: { } walks } open) continue;
            if (Environment.TickCount64 - open.RetiredAt < RetiredMin.TotalMilliseconds) continue;
            bool isUnused = true;
            for (int i = 0; i < walks.Length; i++)
            {
                Auditor auditor = workers.Signalling[i].Parts.Auditor;
                isUnused &= auditor.Walks >= walks[i] + WalksMin && (auditor.ListenersNamed >> slot & 1) == 0;
            }
            if (isUnused) unused.Add(slot);
        }
        return unused;
    }

    /// <summary>Gives their slots back: the next snapshot has them closed.</summary>
    public void GiveBack(IReadOnlyList<int> slots)
    {
        foreach (int slot in slots) _slots.GiveBack(slot);
    }

    /// <summary>Closes them, each worker's socket on its thread. All have adopted a snapshot without them.</summary>
    public void Close(IReadOnlyList<int> slots, IReadOnlyList<TurnLoop> loops, LogThread log)
    {
        using var left = new CountdownEvent(slots.Count * _workers);
        foreach (int slot in slots)
        {
            Open open = _open[slot]!;
            CountDrops();
            Volatile.Write(ref _open[slot], null);
            Interlocked.Add(ref _dropsOfClosed[open.Realm], (long)open.Socket.KernelDrops);
            for (int i = 0; i < _workers; i++)
            {
                int worker = i;
                loops[i].Release(slot, () =>
                {
                    _ports[worker][slot] = null;
                    open.Socket.Ports[worker].Dispose();
                    left.Signal();
                });
            }
            log.Write(new LogLine(
                LogLevel.Info, "listener_closed",
                $"udp://{open.Socket.Local}, which a reload removed, has no call left and is closed",
                ("listener", $"udp://{open.Socket.Local}")));
        }
        // Another listener may take the slots from here on.
        left.Wait();
    }

    /// <summary>Datagrams the kernel dropped at a realm's listeners since the start, at most a second old.</summary>
    public long KernelDrops(int realm) => Volatile.Read(ref _drops[realm]);

    /// <summary>Asks the kernel. For one thread: the control one.</summary>
    public void CountDrops()
    {
        Span<long> drops = stackalloc long[Limits.RealmsMax];
        for (int realm = 0; realm < drops.Length; realm++) drops[realm] = Volatile.Read(ref _dropsOfClosed[realm]);
        for (int slot = 0; slot < _open.Length; slot++)
        {
            if (Volatile.Read(ref _open[slot]) is not { Realm: >= 0 } open) continue;
            drops[open.Realm] += (long)open.Socket.KernelDrops;
        }
        for (int realm = 0; realm < drops.Length; realm++) Volatile.Write(ref _drops[realm], drops[realm]);
    }

    /// <summary>The realm that keeps an address open for its calls; null: it is not ours.</summary>
    private string? HolderOf(TransportAddress address) => _open
        .FirstOrDefault(open => open is not null && open.Socket.Local == address)?.Key.Split(' ')[0];

    private UdpListener Bind(RealmConfig realm, ListenConfig listen)
    {
        if (HolderOf(listen.Address) is { } holder)
        {
            throw new InvalidOperationException(
                $"{listen} of realm \"{realm.Name}\" is still open in realm \"{holder}\": take it away there, and add "
                + "it with a later reload, when its calls have ended");
        }
        return UdpListener.Bind(new UdpListenerOptions
        {
            Local = listen.Address,
            Workers = _workers,
            // A stranger's budget is one worker's to keep.
            Steering = realm.Trust == RealmTrust.Untrusted && _workers > 1
                ? new SourceSteering(_workers, RandomKey())
                : null,
        });
    }

    private static ulong RandomKey() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));

    public void Dispose()
    {
        foreach (UdpListener socket in Sockets) socket.Dispose();
    }
}
