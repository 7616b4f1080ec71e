using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Where the users are (RFC 3261 10): a shard for each worker, by the keyed hash of the address-of-record. A shard has
/// one writer; any worker finds any user.
/// </summary>
public sealed class LocationTable
{
    private readonly SipHash _hash;
    private readonly LocationShard[] _shards;
    private readonly LocationCount _count = new();

    /// <param name="workers">A shard each.</param>
    /// <param name="hash">Keyed at random: strangers cannot choose a worker.</param>
    public LocationTable(int workers, SipHash hash)
    {
        _hash = hash;
        _shards = new LocationShard[workers];
        for (int i = 0; i < workers; i++) _shards[i] = new LocationShard(i, _count);
        Gruus = new TemporaryGruus(hash);
    }

    /// <summary>Under the process's key, until whoever keeps bindings elsewhere gives one that is kept with them.
    /// </summary>
    public TemporaryGruus Gruus { get; set; }

    /// <summary>By worker; null where nobody keeps bindings elsewhere.</summary>
    public LocationJournal[]? Journals { get; private set; }

    /// <summary>From now on each worker notes what it changes. Before the workers run.</summary>
    public void StartJournals()
    {
        Journals = new LocationJournal[_shards.Length];
        for (int i = 0; i < Journals.Length; i++) Journals[i] = new LocationJournal();
    }

    /// <summary>For the owner: an address of his has changed.</summary>
    public void Note(int worker, ReadOnlySpan<byte> aor) => Journals?[worker].Note(aor);

    /// <summary>Bindings, in all shards.</summary>
    public long Count => _count.Count;

    /// <summary>How many there may be.</summary>
    public long CountMax
    {
        get => _count.Limit;
        set => _count.Limit = value;
    }

    public int Workers => _shards.Length;

    public LocationShard Shard(int worker) => _shards[worker];

    public ulong HashOf(ReadOnlySpan<byte> aor) => _hash.Hash(aor);

    /// <summary>The worker that has this address.</summary>
    public int OwnerOf(ReadOnlySpan<byte> aor) => OwnerOf(HashOf(aor));

    public int OwnerOf(ulong hash) => (int)(hash % (ulong)_shards.Length);

    /// <summary>From any worker: a request through that flow failed.</summary>
    public void MarkFailed(in FlowName flow, bool isGone) => _shards[flow.Shard].MarkFailed(flow, isGone);

    /// <summary>Copies the binding that has this name at the core registrar, expired or not.</summary>
    /// <returns>False: a writer was in the way for too long; nothing is known.</returns>
    public bool TryReadById(ContactId id, FoundBindings found)
    {
        // A name is no address: it does not say whose shard it is in, and means the same with any number of them.
        foreach (LocationShard shard in _shards)
        {
            if (!shard.TryReadById(id, found)) return false;
            if (found.Count > 0) break;
        }
        return true;
    }

    /// <summary>Copies the bindings of an address, whichever worker asks.</summary>
    /// <param name="aor">In its canonical form.</param>
    /// <param name="now">What has expired then is not there.</param>
    /// <param name="found">The reader's own.</param>
    /// <param name="all">Those too that only the core registrar still has.</param>
    /// <returns>False: its writer was in the way for too long; nothing is known.</returns>
    public bool TryRead(ReadOnlySpan<byte> aor, Instant now, FoundBindings found, bool all = false)
    {
        ulong hash = HashOf(aor);
        return _shards[OwnerOf(hash)].TryRead(aor, hash, now, found, all);
    }
}
