using Sbc.Engine.Routing;

namespace Sbc.Engine.Config;

/// <summary>One entry of <c>tables</c>: prefixes of numbers, from a CSV file, with a value each.</summary>
public sealed record TableConfig
{
    public required string Name { get; init; }

    /// <summary><c>file</c>: PREFIX,VALUE in each line.</summary>
    public required string File { get; init; }

    /// <summary>The prefixes, as read. A reload reads the file again.</summary>
    public required NumberTable Numbers { get; init; }

    /// <summary>Every value once, in the order of the file.</summary>
    public required IReadOnlyList<TableValue> Values { get; init; }

    /// <summary>-1: no prefix has that value.</summary>
    public int IndexOf(string value)
    {
        for (int i = 0; i < Values.Count; i++)
        {
            if (Values[i].Text == value) return i;
        }
        return -1;
    }
}

/// <summary>A value of a table and the line that it first stands in.</summary>
public readonly record struct TableValue(string Text, int Line);

/// <summary><c>match.table</c>: the user of the Request-URI has a prefix in a table.</summary>
/// <param name="Name">Of the table.</param>
/// <param name="Values">With one of these values; empty: with any.</param>
public sealed record TableMatchConfig(string Name, IReadOnlyList<string> Values);
