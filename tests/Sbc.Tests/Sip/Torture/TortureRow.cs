namespace Sbc.Tests.Sip.Torture;

/// <summary>How an outcome compares with what the RFC's text asks for.</summary>
internal enum Judgement
{
    Right,
    Tolerable,
    Wrong,
}

/// <summary>A line of the corpus's index.tsv: a message and what an element that forwards should do.</summary>
internal sealed record TortureRow(string File, string Class, string[] Expected, string[] Acceptable, string[] Never)
{
    public static IEnumerable<TortureRow> ReadAll(string folder) =>
        System.IO.File.ReadLines(Path.Combine(folder, "index.tsv"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Split('\t'))
            .Select(c => new TortureRow(c[0], c[5], c[6].Split('|'), List(c[7]), List(c[8])));

    /// <param name="verdict">FWD, SILENT, or the code of the answer.</param>
    /// <remarks>
    /// FWD-REPAIRED and FWD-VERBATIM both match FWD: whoever comes to forward such a message must look at what left,
    /// so it counts as wrong until a test tells the two apart. What no column names is wrong too.
    /// </remarks>
    public Judgement Judge(string verdict)
    {
        if (Expected.Contains("ANY")) return Judgement.Right;
        if (Never.Any(never => Matches(never, verdict))) return Judgement.Wrong;
        if (Expected.Contains(verdict)) return Judgement.Right;
        // Whoever may forward a request may say instead that it does not carry its method; one row forgets it.
        if (verdict == "405" && Expected.Contains("FWD")) return Judgement.Tolerable;
        return Acceptable.Contains(verdict) ? Judgement.Tolerable : Judgement.Wrong;
    }

    private static bool Matches(string never, string verdict) => never switch
    {
        "FWD-VERBATIM" => verdict == "FWD",
        "ANYRESP" => char.IsAsciiDigit(verdict[0]),
        _ => never == verdict,
    };

    private static string[] List(string cell) => cell.Length == 0 ? [] : cell.Split(',');
}
