using System.Globalization;
using System.Text;

namespace Sbc.Perf.Report;

/// <summary>A Markdown table, aligned so that it reads on a terminal as well.</summary>
internal sealed class Table(params string[] columns)
{
    private readonly List<string[]> rows = [];

    public void Add(params string[] cells) =>
        rows.Add([.. cells, .. Enumerable.Repeat("", columns.Length - cells.Length)]);

    public static string Number(double value, int decimals = 0) =>
        double.IsFinite(value) ? value.ToString("N" + decimals, CultureInfo.InvariantCulture) : "";

    public override string ToString()
    {
        var widths = columns.Select((c, i) => rows.Select(r => r[i].Length).Append(c.Length).Max()).ToArray();
        var text = new StringBuilder();
        Line(text, columns, widths);
        Line(text, [.. widths.Select((w, i) => i == 0 ? new string('-', w) : new string('-', w - 1) + ":")], widths);
        foreach (var row in rows) Line(text, row, widths);
        return text.ToString();
    }

    private static void Line(StringBuilder text, string[] cells, int[] widths)
    {
        for (var i = 0; i < cells.Length; i++)
            text.Append(i == 0 ? "| " : " | ")
                .Append(i == 0 ? cells[i].PadRight(widths[i]) : cells[i].PadLeft(widths[i]));
        text.Append(" |\n");
    }
}
