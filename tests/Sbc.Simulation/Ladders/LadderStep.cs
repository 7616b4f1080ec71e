using System.Globalization;
using System.Text.RegularExpressions;

namespace Sbc.Simulation;

internal enum LadderStepKind
{
    Send,
    Expect,
    ExpectNothing,
    Wait,
}

/// <summary>One step of a ladder's text.</summary>
internal sealed partial record LadderStep(
    LadderStepKind Kind, string Host, string Peer, string Label, bool Optional, long Milliseconds, List<string> Lines)
{
    public const long DefaultWithinMilliseconds = 5000;

    public string Arrow => Kind switch
    {
        LadderStepKind.Wait => $"wait {Milliseconds} ms",
        LadderStepKind.Send => $"{Host} -> {Peer}: {Label}",
        LadderStepKind.ExpectNothing => $"{Host} <- {Peer}: nothing within {Milliseconds} ms",
        _ => $"{Host} <- {Peer}: {Label} within {Milliseconds} ms",
    };

    /// <summary>Steps start at the margin; what is indented below one is its message. # is a comment.</summary>
    public static List<LadderStep> ParseAll(string text)
    {
        var steps = new List<LadderStep>();
        int indent = 0;
        foreach (string line in text.Replace("\r", "", StringComparison.Ordinal).Split('\n'))
        {
            bool margin = line.Length > 0 && line[0] != ' ';
            if (line.StartsWith('#')) continue;
            if (margin)
            {
                steps.Add(Parse(line));
                indent = 0;
                continue;
            }
            if (steps.Count == 0) continue;
            List<string> lines = steps[^1].Lines;
            if (lines.Count == 0)
            {
                if (line.Trim().Length == 0) continue;
                indent = line.Length - line.TrimStart().Length;
            }
            lines.Add(line.Length >= indent ? line[indent..].TrimEnd() : "");
        }
        foreach (LadderStep step in steps)
        {
            while (step.Lines.Count > 0 && step.Lines[^1].Length == 0) step.Lines.RemoveAt(step.Lines.Count - 1);
        }
        return steps;
    }

    private static LadderStep Parse(string line)
    {
        Match wait = WaitLine().Match(line);
        if (wait.Success) return new(LadderStepKind.Wait, "", "", "", false, Number(wait.Groups[1].Value), []);
        Match arrow = ArrowLine().Match(line);
        if (!arrow.Success) throw new FormatException($"no step of a ladder: '{line}'");
        string label = arrow.Groups["label"].Value.Trim();
        bool nothing = label.StartsWith("nothing", StringComparison.Ordinal);
        LadderStepKind kind = arrow.Groups["arrow"].Value == "->" ? LadderStepKind.Send
            : nothing ? LadderStepKind.ExpectNothing : LadderStepKind.Expect;
        string within = arrow.Groups["within"].Value;
        long milliseconds = within.Length > 0 ? Number(within) : DefaultWithinMilliseconds;
        return new(
            kind, arrow.Groups["host"].Value, arrow.Groups["peer"].Value, label,
            arrow.Groups["optional"].Success, milliseconds, []);
    }

    private static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^wait (\d+) ms$")]
    private static partial Regex WaitLine();

    [GeneratedRegex(
        @"^(?<host>\w+) (?<arrow>->|<-) (?<peer>\w+)(?<optional> optional)?: (?<label>.*?)"
        + @"( within (?<within>\d+) ms)?$")]
    private static partial Regex ArrowLine();
}
