using System.Globalization;

namespace Sbc.Allocations;

/// <summary>The checked-in table: operation, tab, the bytes it may allocate; # begins a comment.</summary>
public sealed class AllocationTable
{
    private readonly Dictionary<string, long> _bytesMax = [];

    public static AllocationTable Read(string file)
    {
        var table = new AllocationTable();
        foreach (string line in File.ReadLines(file))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            string[] cells = line.Split('\t');
            table._bytesMax.Add(cells[0], long.Parse(cells[1], CultureInfo.InvariantCulture));
        }
        return table;
    }

    /// <summary>Writes one line for each operation. True when all are in the table and none is above it.</summary>
    public bool Compare(IEnumerable<Measurement> measurements, TextWriter output)
    {
        bool holds = true;
        var missing = new HashSet<string>(_bytesMax.Keys);
        foreach (Measurement measured in measurements)
        {
            missing.Remove(measured.Name);
            bool isKnown = _bytesMax.TryGetValue(measured.Name, out long bytesMax);
            bool passes = isKnown && measured.Bytes <= bytesMax;
            string verdict = passes ? "ok    " : "FAILED";
            string limit = isKnown ? $"allowed {bytesMax}" : "not in the table";
            output.WriteLine($"{verdict} {measured.Name}: {measured.Bytes} bytes, {limit}");
            holds &= passes;
        }
        foreach (string name in missing) output.WriteLine($"FAILED {name}: in the table and not measured");
        return holds && missing.Count == 0;
    }
}
