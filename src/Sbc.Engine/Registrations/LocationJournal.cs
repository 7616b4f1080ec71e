using System.Runtime.CompilerServices;
using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Which addresses one worker changed, for whoever keeps them elsewhere; he reads from the table what became of them.
/// The worker never waits: where nobody reads, it only remembers that something is missing.
/// </summary>
public sealed class LocationJournal
{
    private readonly SpscRing<Entry> _ring = new(Limits.JournalEntries);
    private int _missed;

    [InlineArray(AddressOfRecord.BytesMax)]
    private struct NameBytes
    {
        private byte _first;
    }

    private struct Entry
    {
        public NameBytes Name;
        public short Length;
    }

    /// <summary>For the worker: this address is not what it was.</summary>
    public void Note(ReadOnlySpan<byte> aor)
    {
        var entry = new Entry { Length = (short)aor.Length };
        aor.CopyTo(entry.Name);
        if (!_ring.TryPush(entry)) Volatile.Write(ref _missed, 1);
    }

    /// <summary>For the one reader.</summary>
    /// <param name="aor">As many bytes as an address may have.</param>
    public bool TryTake(Span<byte> aor, out int length)
    {
        length = 0;
        if (!_ring.TryPop(out Entry entry)) return false;
        length = entry.Length;
        ((ReadOnlySpan<byte>)entry.Name)[..length].CopyTo(aor);
        return true;
    }

    /// <summary>Whether changes were lost since it was last asked: the whole table has to be read then.</summary>
    public bool TakeMissed() => Volatile.Read(ref _missed) != 0 && Interlocked.Exchange(ref _missed, 0) != 0;
}
