namespace Sbc.Runtime;

/// <summary>From keyed 64-bit hashes to indexes: open addressing, one owner thread; grows by doubling.</summary>
/// <remarks>The hash is no proof: who finds an index compares the key in full.</remarks>
public sealed class KeyTable
{
    private ulong[] _keys = new ulong[256];
    private int[] _values = new int[256];

    public int Count { get; private set; }

    public void Add(ulong key, int value)
    {
        Check.That(value >= 0);
        // Half full at most: a probe then looks at one or two cells, and removal moves few.
        if ((Count + 1) * 2 > _keys.Length) Grow();
        Insert(key, value + 1);
        Count++;
    }

    /// <summary>The values under a key, one after the other; start with <c>cursor = -1</c>. -1: no more.</summary>
    public int Find(ulong key, ref int cursor)
    {
        int mask = _keys.Length - 1;
        int at = cursor < 0 ? (int)key & mask : (cursor + 1) & mask;
        while (_values[at] != 0)
        {
            if (_keys[at] == key)
            {
                cursor = at;
                return _values[at] - 1;
            }
            at = (at + 1) & mask;
        }
        return -1;
    }

    public void Remove(ulong key, int value)
    {
        int mask = _keys.Length - 1;
        int at = (int)key & mask;
        while (_keys[at] != key || _values[at] != value + 1)
        {
            Check.That(_values[at] != 0);
            at = (at + 1) & mask;
        }
        // Backward shift: entries that were pushed past this cell move up, so that no tombstones are needed.
        int hole = at;
        for (int next = (at + 1) & mask; _values[next] != 0; next = (next + 1) & mask)
        {
            int home = (int)_keys[next] & mask;
            if (((next - home) & mask) < ((next - hole) & mask)) continue;
            _keys[hole] = _keys[next];
            _values[hole] = _values[next];
            hole = next;
        }
        _values[hole] = 0;
        Count--;
    }

    private void Insert(ulong key, int stored)
    {
        int mask = _keys.Length - 1;
        int at = (int)key & mask;
        while (_values[at] != 0) at = (at + 1) & mask;
        _keys[at] = key;
        _values[at] = stored;
    }

    private void Grow()
    {
        ulong[] keys = _keys;
        int[] values = _values;
        _keys = new ulong[keys.Length * 2];
        _values = new int[values.Length * 2];
        for (int i = 0; i < keys.Length; i++)
        {
            if (values[i] != 0) Insert(keys[i], values[i]);
        }
    }
}
