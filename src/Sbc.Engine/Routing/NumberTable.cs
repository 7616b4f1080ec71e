using System.Numerics;

namespace Sbc.Engine.Routing;

/// <summary>Prefixes of numbers to values: the longest one that the number begins with decides.</summary>
/// <remarks>
/// A trie in one flat array, eight bytes a node: a bit for each symbol that goes on, and where those nodes begin. The
/// ten digits and + * # are one symbol each, any other byte is three. A million prefixes are 11 MB where they lie
/// close and 22 MB where they are strewn over ten digits, of which the first ones stay in the cache.
/// </remarks>
public sealed class NumberTable
{
    private const int Escape = 15;

    private static readonly byte[] Symbols = BuildSymbols();

    private readonly Node[] _nodes;

    internal NumberTable(Node[] nodes, int prefixes)
    {
        _nodes = nodes;
        Prefixes = prefixes;
    }

    public int Prefixes { get; }

    public long BytesUsed => _nodes.Length * 8L;

    /// <summary>The value of the longest prefix; -1: none.</summary>
    public int Find(ReadOnlySpan<byte> number)
    {
        Node[] nodes = _nodes;
        int at = 0;
        int best = nodes[0].Value;
        foreach (byte value in number)
        {
            int symbol = Symbols[value];
            if (!TryStep(nodes, symbol, ref at)) break;
            if (symbol == Escape &&
                (!TryStep(nodes, value >> 4, ref at) || !TryStep(nodes, value & 15, ref at))) break;
            if (nodes[at].Value != 0) best = nodes[at].Value;
        }
        return best - 1;
    }

    private static bool TryStep(Node[] nodes, int symbol, ref int at)
    {
        ref readonly Node node = ref nodes[at];
        uint bit = 1u << symbol;
        if ((node.Symbols & bit) == 0) return false;
        at = node.Children + BitOperations.PopCount(node.Symbols & (bit - 1));
        return true;
    }

    /// <summary>Symbols of a prefix, one a byte.</summary>
    internal static void Append(ReadOnlySpan<byte> prefix, List<byte> symbols)
    {
        foreach (byte value in prefix)
        {
            symbols.Add(Symbols[value]);
            if (Symbols[value] != Escape) continue;
            symbols.Add((byte)(value >> 4));
            symbols.Add((byte)(value & 15));
        }
    }

    private static byte[] BuildSymbols()
    {
        byte[] symbols = new byte[256];
        Array.Fill(symbols, (byte)Escape);
        for (int i = 0; i < 10; i++) symbols['0' + i] = (byte)i;
        symbols['+'] = 10;
        symbols['*'] = 11;
        symbols['#'] = 12;
        return symbols;
    }

    /// <summary>A prefix or a part of one.</summary>
    /// <param name="Children">Where the nodes of its symbols begin, in the order of symbols.</param>
    /// <param name="Symbols">Bit i: symbol i goes on.</param>
    /// <param name="Value">Plus one; 0: it is no prefix itself.</param>
    internal readonly record struct Node(int Children, ushort Symbols, ushort Value);
}
