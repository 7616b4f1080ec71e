using Sbc.Engine.Calls;
using Sbc.Engine.Worker;
using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>The watchers of the addresses-of-record of one worker.</summary>
/// <remarks>A call may end without a word to its watcher, by the auditor or a broken handler: such a one is found when
/// its address is touched, or when room is needed.</remarks>
public sealed class WatcherTable(Workspace work, CallTable calls)
{
    private readonly Pool<Watcher> _watchers = new(Limits.WatchersMax);
    private readonly Pool<WatchedAor> _aors = new(Limits.WatchersMax);
    private readonly KeyTable _index = new();

    public int Count => _watchers.Count;

    public ref Watcher this[int watcher] => ref _watchers[watcher];

    public ref WatchedAor Aor(int row) => ref _aors[row];

    public Handle HandleOf(int row) => _aors.HandleOf(row);

    public bool IsLive(Handle aor) => _aors.IsLive(aor);

    public ReadOnlySpan<byte> NameOf(int row) => work.Buffers.Bytes(_aors[row].Name);

    /// <summary>Row of an address that is watched; -1: it is not.</summary>
    public int Find(ReadOnlySpan<byte> aor, ulong hash)
    {
        int cursor = -1;
        while (_index.Find(hash, ref cursor) is var row && row >= 0)
        {
            if (NameOf(row).SequenceEqual(aor)) return row;
        }
        return -1;
    }

    /// <summary>Whether one more may watch an address; those whose calls have gone make room.</summary>
    public bool HasRoom(ReadOnlySpan<byte> aor, ulong hash)
    {
        int row = Find(aor, hash);
        if (row >= 0 && _aors[row].Count >= Limits.WatchersPerAorMax) Sweep(row);
        if (Count == Limits.WatchersMax)
        {
            for (int each = 0; each < _aors.Created; each++)
            {
                if (_aors.IsLive(each)) Sweep(each);
            }
        }
        row = Find(aor, hash);
        return Count < Limits.WatchersMax && (row < 0 || _aors[row].Count < Limits.WatchersPerAorMax);
    }

    /// <summary>False without memory.</summary>
    /// <param name="eventId">The id of its Event; empty: none.</param>
    public bool TryAdd(ReadOnlySpan<byte> aor, ulong hash, Handle call, ReadOnlySpan<byte> eventId, out int watcher)
    {
        watcher = -1;
        int row = Find(aor, hash);
        if (row < 0 && !TryAddAor(aor, hash, out row)) return false;
        if (!_watchers.TryRent(out Handle handle))
        {
            RemoveIfEmpty(row);
            return false;
        }
        watcher = handle.Index;
        ref Watcher added = ref _watchers[watcher];
        added = new Watcher { Call = call, Aor = row, Client = Handle.None, Next = _aors[row].First };
        if (eventId.Length > 0) work.Buffers.TryStore(eventId, out added.EventId);
        _aors[row].First = watcher;
        _aors[row].Count++;
        return true;
    }

    private bool TryAddAor(ReadOnlySpan<byte> aor, ulong hash, out int row)
    {
        row = -1;
        if (!work.Buffers.TryStore(aor, out BufferRef name)) return false;
        if (!_aors.TryRent(out Handle handle))
        {
            work.Buffers.Return(ref name);
            return false;
        }
        row = handle.Index;
        _aors[row] = new WatchedAor { Hash = hash, Name = name, First = -1 };
        _index.Add(hash, row);
        return true;
    }

    /// <summary>Its call is the caller's to end.</summary>
    public void Remove(int watcher)
    {
        int row = _watchers[watcher].Aor;
        ref int link = ref _aors[row].First;
        while (link != watcher) link = ref _watchers[link].Next;
        link = _watchers[watcher].Next;
        _aors[row].Count--;
        work.Buffers.Return(ref _watchers[watcher].EventId);
        _watchers.Return(_watchers.HandleOf(watcher));
        RemoveIfEmpty(row);
    }

    /// <summary>Takes those away whose calls have gone.</summary>
    private void Sweep(int row)
    {
        int next;
        for (int each = _aors[row].First; each >= 0; each = next)
        {
            next = _watchers[each].Next;
            if (!calls.IsLive(_watchers[each].Call)) Remove(each);
        }
    }

    private void RemoveIfEmpty(int row)
    {
        if (_aors[row].Count > 0) return;
        ref WatchedAor aor = ref _aors[row];
        work.Timers.Cancel(ref aor.Timer);
        work.Buffers.Return(ref aor.Name);
        work.Buffers.Return(ref aor.Departed);
        _index.Remove(aor.Hash, row);
        _aors.Return(_aors.HandleOf(row));
    }
}
