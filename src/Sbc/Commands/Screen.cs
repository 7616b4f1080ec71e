using System.Text;
using Spectre.Console;

namespace Sbc.Program.Commands;

/// <summary>Where a command shows what it found: drawn tables on a terminal, plain columns for programs.</summary>
public sealed class Screen(TextWriter output, bool isTerminal)
{
    private const string Gap = "  ";

    /// <summary>Names in messages may hold anything, a terminal's escape sequences too.</summary>
    public void Line(string text) => output.WriteLine(Clean(text));

    public void Table(IReadOnlyList<string> headings, IReadOnlyList<string[]> rows)
    {
        List<string[]> clean = [.. rows.Select(row => row.Select(Clean).ToArray())];
        if (isTerminal) Draw(headings, clean);
        else Plain(headings, clean);
    }

    private void Draw(IReadOnlyList<string> headings, List<string[]> rows)
    {
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string heading in headings) table.AddColumn(new TableColumn(new Text(heading)));
        foreach (string[] row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }).Write(table);
    }

    private void Plain(IReadOnlyList<string> headings, List<string[]> rows)
    {
        int[] widths = [.. headings.Select((heading, column) =>
            Math.Max(heading.Length, rows.Select(row => row[column].Length).DefaultIfEmpty().Max()))];
        foreach (IReadOnlyList<string> row in rows.Prepend([.. headings]))
        {
            var line = new StringBuilder();
            for (int column = 0; column < widths.Length; column++)
                line.Append(row[column].PadRight(widths[column])).Append(Gap);
            output.WriteLine(line.ToString().TrimEnd());
        }
    }

    private static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
