using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// From the hash of an address-of-record to its row. One writer; readers on any thread, who find what is stable, and
/// whose caller checks that it was.
/// </summary>
/// <remarks>
/// 256 tables, so that a million entries never cost one long pause: each grows alone, in a copy beside it that is then
/// published. What is removed leaves a mark, for entries that moved could be missed by a reader.
/// </remarks>
public sealed class LocationIndex
{
    private const int TableBits = 8;
    private const int FirstLength = 8;
    private const int Free = 0;
    private const int Gone = -1;

    private readonly Table[] _tables = new Table[1 << TableBits];

    public LocationIndex()
    {
        for (int i = 0; i < _tables.Length; i++) _tables[i] = new Table { Cells = new Cell[FirstLength] };
    }

    /// <summary>The rows under a hash, one after the other; start with <c>cursor = -1</c>. -1: no more.</summary>
    public int Find(ulong hash, ref int cursor)
    {
        Cell[] cells = Volatile.Read(ref _tables[TableOf(hash)].Cells);
        int mask = cells.Length - 1;
        int start = HomeOf(hash) & mask;
        for (int step = cursor + 1; step <= mask; step++)
        {
            ref Cell cell = ref cells[(start + step) & mask];
            int value = Volatile.Read(ref cell.Value);
            if (value == Free) return -1;
            if (value == Gone || cell.Hash != hash) continue;
            cursor = step;
            return value - 1;
        }
        return -1;
    }

    public void Add(ulong hash, int row)
    {
        ref Table table = ref _tables[TableOf(hash)];
        if ((table.Used + 1) * 4 > table.Cells.Length * 3) Rebuild(ref table);
        Insert(table.Cells, hash, row + 1);
        table.Used++;
        table.Live++;
    }

    public void Remove(ulong hash, int row)
    {
        ref Table table = ref _tables[TableOf(hash)];
        int mask = table.Cells.Length - 1;
        for (int step = 0; step <= mask; step++)
        {
            ref Cell cell = ref table.Cells[(HomeOf(hash) + step) & mask];
            Check.That(cell.Value != Free);
            if (cell.Value != row + 1) continue;
            Volatile.Write(ref cell.Value, Gone);
            table.Live--;
            return;
        }
    }

    private static void Rebuild(ref Table table)
    {
        int length = table.Cells.Length;
        // As large as before where marks alone filled it.
        if (table.Live * 2 >= length) length *= 2;
        var cells = new Cell[length];
        foreach (Cell cell in table.Cells)
        {
            if (cell.Value > 0) Insert(cells, cell.Hash, cell.Value);
        }
        table.Used = table.Live;
        Volatile.Write(ref table.Cells, cells);
    }

    private static void Insert(Cell[] cells, ulong hash, int value)
    {
        int mask = cells.Length - 1;
        int at = HomeOf(hash) & mask;
        while (cells[at].Value != Free) at = (at + 1) & mask;
        cells[at].Hash = hash;
        Volatile.Write(ref cells[at].Value, value);
    }

    // The lowest bits chose the worker, so that all of a shard's are the same there.
    private static int HomeOf(ulong hash) => (int)(hash >> 16) & int.MaxValue;

    private static int TableOf(ulong hash) => (int)(hash >> (64 - TableBits));

    private struct Cell
    {
        public ulong Hash;
        public int Value;
    }

    private struct Table
    {
        public Cell[] Cells;

        /// <summary>Cells that are not free, marks among them.</summary>
        public int Used;
        public int Live;
    }
}
