namespace Sbc.Tests.Sip.Corpus;

/// <summary>Where the messages lie that tests read and the repository does not hold.</summary>
internal static class CorpusFolder
{
    private const string Elsewhere = "/work/shared/corpus";

    /// <summary>A folder of the corpus, found above the test's own; null where this machine has none.</summary>
    public static string? Find(string name)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at != null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "shared", "corpus", name);
            if (Directory.Exists(folder)) return folder;
        }
        string fixedPlace = Path.Combine(Elsewhere, name);
        return Directory.Exists(fixedPlace) ? fixedPlace : null;
    }

    /// <summary>What a test says that passes because there is nothing to read.</summary>
    public static string Absent(string name) =>
        $"corpus absent: no shared/corpus/{name} above the test's folder and none in {Elsewhere}; nothing was run";

    /// <summary>The real messages, in the order of their names.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Messages(string folder) =>
        Directory.EnumerateFiles(Path.Combine(folder, "files"))
            .Order(StringComparer.Ordinal)
            .Select(file => (Path.GetFileName(file), File.ReadAllBytes(file)));
}
