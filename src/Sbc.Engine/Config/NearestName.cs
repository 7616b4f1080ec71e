namespace Sbc.Engine.Config;

/// <summary>What the operator probably meant by a name that is none.</summary>
public static class NearestName
{
    /// <summary>So many names are listed when none is near; more would not be read.</summary>
    private const int ListedMax = 12;

    /// <summary>"; did you mean "farm"?", or the valid names when none is near, or nothing when there are
    /// none.</summary>
    public static string Hint(string name, IReadOnlyCollection<string> valid)
    {
        if (Find(name, valid) is { } nearest) return $"; did you mean \"{nearest}\"?";
        if (valid.Count == 0) return "";
        string more = valid.Count > ListedMax ? ", ..." : "";
        return $"; valid: {string.Join(", ", valid.Take(ListedMax))}{more}";
    }

    /// <summary>The nearest by edit distance, at most a third of the letters away; null when none is.</summary>
    public static string? Find(string name, IEnumerable<string> valid)
    {
        string? nearest = null;
        int least = Math.Max(1, name.Length / 3) + 1;
        foreach (string candidate in valid)
        {
            if (Math.Abs(candidate.Length - name.Length) >= least) continue;
            int distance = Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance >= least) continue;
            least = distance;
            nearest = candidate;
        }
        return nearest;
    }

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).</summary>
    private static int Distance(string a, string b)
    {
        int[,] cost = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++) cost[i, 0] = i;
        for (int j = 0; j <= b.Length; j++) cost[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int change = cost[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int best = Math.Min(change, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, cost[i - 2, j - 2] + 1);
                cost[i, j] = best;
            }
        }
        return cost[a.Length, b.Length];
    }
}
