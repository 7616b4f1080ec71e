namespace Sbc.Engine.Routing;

/// <summary>Collects prefixes in any order and makes the table of them.</summary>
public sealed class NumberTableBuilder
{
    private readonly List<byte> _symbols = [];
    private readonly List<int> _starts = [0];
    private readonly List<ushort> _values = [];

    public int Count => _values.Count;

    /// <param name="prefix">Its characters, ASCII for numbers.</param>
    /// <param name="value">Below <see cref="Limits.NumberTableValuesMax"/>.</param>
    public void Add(ReadOnlySpan<byte> prefix, int value)
    {
        NumberTable.Append(prefix, _symbols);
        _starts.Add(_symbols.Count);
        _values.Add((ushort)(value + 1));
    }

    /// <summary>Null where a prefix was added twice.</summary>
    /// <param name="twice">The place of the second one, counted in the order of adding.</param>
    public NumberTable? Build(out int twice)
    {
        int[] order = Sorted();
        twice = -1;
        for (int i = 1; i < order.Length; i++)
        {
            if (!Of(order[i]).SequenceEqual(Of(order[i - 1]))) continue;
            twice = Math.Max(order[i], order[i - 1]);
            return null;
        }
        return new NumberTable(Nodes(order), order.Length);
    }

    /// <summary>By the first 16 symbols as one number, which is a sort of numbers; what is equal there is sorted out.
    /// </summary>
    private int[] Sorted()
    {
        int[] order = [.. Enumerable.Range(0, Count)];
        ulong[] keys = [.. order.Select(Key)];
        Array.Sort(keys, order);
        for (int from = 0, to; from < order.Length; from = to)
        {
            for (to = from + 1; to < order.Length && keys[to] == keys[from]; to++)
            {
            }
            if (to - from > 1) order.AsSpan(from, to - from).Sort((a, b) => Of(a).SequenceCompareTo(Of(b)));
        }
        return order;
    }

    /// <summary>Breadth first, so that the children of a node lie beside each other.</summary>
    private NumberTable.Node[] Nodes(int[] order)
    {
        var nodes = new List<NumberTable.Node> { default };
        var ranges = new List<(int From, int To, byte Depth)> { (0, order.Length, 0) };
        for (int node = 0; node < nodes.Count; node++)
        {
            (int from, int to, byte depth) = ranges[node];
            ushort value = 0;
            if (from < to && Of(order[from]).Length == depth) value = _values[order[from++]];
            int children = nodes.Count;
            ushort symbols = 0;
            while (from < to)
            {
                byte symbol = Of(order[from])[depth];
                int end = from + 1;
                while (end < to && Of(order[end])[depth] == symbol) end++;
                symbols |= (ushort)(1 << symbol);
                nodes.Add(default);
                ranges.Add((from, end, (byte)(depth + 1)));
                from = end;
            }
            nodes[node] = new NumberTable.Node(children, symbols, value);
        }
        return [.. nodes];
    }

    private ulong Key(int index)
    {
        ReadOnlySpan<byte> symbols = Of(index);
        ulong key = 0;
        for (int i = 0; i < 16; i++) key = (key << 4) | (i < symbols.Length ? symbols[i] : 0u);
        return key;
    }

    private ReadOnlySpan<byte> Of(int index) =>
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_symbols)[_starts[index].._starts[index + 1]];
}
