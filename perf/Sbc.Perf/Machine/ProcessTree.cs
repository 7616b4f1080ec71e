using System.Globalization;

namespace Sbc.Perf.Machine;

/// <summary>What a process and its descendants have used, from /proc.</summary>
internal static class ProcessTree
{
    private const long TickNanoseconds = 10_000_000;      // USER_HZ is 100 on every Linux of today

    public static List<int> Members(int root)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(folder), out var id) && TryReadStat(id, out var stat))
            {
                var parent = int.Parse(stat[1], CultureInfo.InvariantCulture);
                if (!children.TryGetValue(parent, out var list)) children[parent] = list = [];
                list.Add(id);
            }
        var members = new List<int> { root };
        for (var i = 0; i < members.Count; i++)
            if (children.TryGetValue(members[i], out var list)) members.AddRange(list);
        return members;
    }

    /// <summary>
    /// CPU time of the tree. schedstat is exact but forgets threads that ended; utime + stime remembers them in
    /// steps of a tick. The larger is the better one wherever they differ by more than the rounding.
    /// </summary>
    public static long CpuNanoseconds(int root)
    {
        var sum = 0L;
        foreach (var id in Members(root))
        {
            var exact = SchedulerNanoseconds(id);
            var ticks = TryReadStat(id, out var stat)
                ? (long.Parse(stat[11], CultureInfo.InvariantCulture)
                    + long.Parse(stat[12], CultureInfo.InvariantCulture)) * TickNanoseconds
                : 0;
            sum += ticks > exact + 2 * TickNanoseconds ? ticks : exact;
        }
        return sum;
    }

    /// <summary>Resident memory of the tree, with a page that several of its processes share counted once.</summary>
    public static long ResidentBytes(int root)
    {
        var sum = 0L;
        foreach (var id in Members(root))
            foreach (var line in ReadLines($"/proc/{id}/smaps_rollup"))
                if (line.StartsWith("Pss:", StringComparison.Ordinal))
                    sum += long.Parse(line[4..^2].Trim(), CultureInfo.InvariantCulture) * 1024;
        return sum;
    }

    private static long SchedulerNanoseconds(int id)
    {
        var folder = $"/proc/{id}/task";
        if (!Directory.Exists(folder)) return 0;
        var sum = 0L;
        foreach (var task in Directory.EnumerateDirectories(folder))
            foreach (var line in ReadLines(task + "/schedstat"))
                sum += long.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture);
        return sum;
    }

    /// <summary>The fields of /proc/ID/stat after the name, which may hold blanks: [0] state, [1] parent.</summary>
    private static bool TryReadStat(int id, out string[] fields)
    {
        var text = string.Concat(ReadLines($"/proc/{id}/stat"));
        var name = text.LastIndexOf(')');
        fields = name < 0 ? [] : text[(name + 2)..].Split(' ');
        return fields.Length > 12;
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (IOException)
        {
            return [];       // ended between the listing and the reading
        }
    }
}
