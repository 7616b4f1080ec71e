using System.Text;
using Sbc.Engine;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;

namespace Sbc.Program.Configuration;

/// <summary>An entry of <c>tables</c>, and its CSV file, to <see cref="TableConfig"/>.</summary>
internal static class TableBinder
{
    /// <summary>Null where the file is missing or broken (reported, with the file's own lines).</summary>
    public static TableConfig? Bind(string name, MappingReader map)
    {
        string? file = map.File("file");
        map.Done();
        if (file is null)
        {
            map.Fail("a table needs file: a CSV file with PREFIX,VALUE in each line");
            return null;
        }
        try
        {
            return Read(name, file, map);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            map.Fail($"the table cannot be read: {broken.Message}");
            return null;
        }
    }

    private static TableConfig? Read(string name, string file, MappingReader map)
    {
        var builder = new NumberTableBuilder();
        var values = new List<TableValue>();
        var places = new Dictionary<string, int>();
        var lines = new List<int>();
        int line = 0, problems = 0;
        foreach (string text in File.ReadLines(file))
        {
            line++;
            // A hash and a blank begin a comment; a hash and a digit are a number.
            if (text.Length == 0 || text.StartsWith("# ", StringComparison.Ordinal) || text == "#") continue;
            if (Problem(text, builder.Count) is { } problem)
            {
                map.Reading.InFile(file, map.Path, new Position(line, problem.Column), problem.Message);
                if (++problems == ProblemsMax) return null;
                continue;
            }
            int comma = text.IndexOf(',');
            string value = Unquoted(text.AsSpan(comma + 1)).ToString();
            if (!places.TryGetValue(value, out int place))
            {
                place = values.Count;
                places.Add(value, place);
                values.Add(new TableValue(value, line));
            }
            if (place >= Limits.NumberTableValuesMax)
            {
                map.Reading.InFile(file, map.Path, new Position(line, comma + 2), "too many different values");
                return null;
            }
            lines.Add(line);
            builder.Add(Encoding.ASCII.GetBytes(Unquoted(text.AsSpan(0, comma)).ToString()), place);
        }
        if (problems > 0) return null;
        if (builder.Build(out int twice) is { } numbers)
            return new TableConfig { Name = name, File = file, Numbers = numbers, Values = values };
        map.Reading.InFile(
            file, map.Path, new Position(lines[twice], 1), "the prefix is already in the table; write it once");
        return null;
    }

    /// <summary>A file of the wrong kind has a problem in every line.</summary>
    private const int ProblemsMax = 20;

    private static (int Column, string Message)? Problem(string text, int count)
    {
        int comma = text.IndexOf(',');
        if (comma < 0) return (1, "a line is PREFIX,VALUE; the comma is missing");
        ReadOnlySpan<char> prefix = Unquoted(text.AsSpan(0, comma)), value = Unquoted(text.AsSpan(comma + 1));
        if (prefix.Length == 0) return (1, "the prefix is missing");
        if (prefix.Length > Limits.NumberTablePrefixLengthMax) return (1, "the prefix is longer than any number");
        int wrong = prefix.IndexOfAnyExceptInRange('!', '~');
        if (wrong >= 0) return (wrong + 1, "a prefix is written without blanks, such as +4930");
        if (value.Length == 0) return (comma + 2, "the value is missing");
        if (value.Contains(',')) return (comma + 2, "a line is PREFIX,VALUE; there is a second comma");
        return count < Limits.NumberTablePrefixesMax ? null
            : (1, $"more than {Limits.NumberTablePrefixesMax} prefixes; split them over two tables");
    }

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> field)
    {
        field = field.Trim();
        return field.Length >= 2 && field[0] == '"' && field[^1] == '"' ? field[1..^1] : field;
    }
}
