namespace Sbc.Perf.Report;

/// <summary>The sections of perf/README.md that the harness writes, each between two markers.</summary>
internal sealed class Readme(string path)
{
    public void Write(string section, string content)
    {
        var text = File.ReadAllText(path);
        var begin = $"<!-- {section}:begin -->";
        var end = $"<!-- {section}:end -->";
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        var to = text.IndexOf(end, StringComparison.Ordinal);
        if (from < 0 || to < from) throw new InvalidOperationException($"{path} has no markers for {section}");
        File.WriteAllText(path, $"{text[..(from + begin.Length)]}\n\n{content.TrimEnd()}\n\n{text[to..]}");
    }
}
