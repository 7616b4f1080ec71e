using System.Text;
using System.Text.RegularExpressions;
using Sbc.Runtime;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>The oracle of addresses in lines that nobody understands, by expressions.</summary>
internal static partial class SlowLiterals
{
    public static List<(int Start, int Length)> Find(string line, int from)
    {
        var found = new List<(int Start, int Length)>();
        for (int at = from; Run().Match(line, at) is { Success: true } run;)
        {
            (int start, int length) = InRun(run.Value);
            if (length == 0)
            {
                at = run.Index + run.Length;
                continue;
            }
            found.Add((run.Index + start, length));
            at = run.Index + start + length;
        }
        return found;
    }

    private static (int Start, int Length) InRun(string run)
    {
        string whole = run.TrimEnd('.');
        if (whole.EndsWith(':') && !whole.EndsWith("::")) whole = whole[..^1];
        int first = Math.Min(run.IndexOf(':') + 1, whole.Length);
        if (run.Count(c => c == ':') is >= 2 and <= 9)
        {
            if (IsAddress(whole)) return (0, whole.Length);
            if (IsAddress(whole[first..])) return (first, whole.Length - first);
        }
        Match four = Numbers().Matches(run).FirstOrDefault(match => IsAddress(match.Value)) ?? Match.Empty;
        return (four.Index, four.Length);
    }

    private static bool IsAddress(string text) =>
        TransportAddress.TryParseHost(Encoding.Latin1.GetBytes(text), 0, out TransportAddress address) &&
        !address.IsUnspecified;

    [GeneratedRegex("[0-9A-Fa-f:.]+")]
    private static partial Regex Run();

    [GeneratedRegex(@"[0-9]+(\.[0-9]+)*")]
    private static partial Regex Numbers();
}
