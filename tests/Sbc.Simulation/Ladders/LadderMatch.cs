namespace Sbc.Simulation;

/// <summary>Compares a received message with the lines of an expectation.</summary>
internal static class LadderMatch
{
    /// <summary>Null where it matches, else what does not.</summary>
    /// <remarks>
    /// The first line is the start line's pattern. "Name: pattern" is the next field of that name; "!Name" says that
    /// there is none (more). After an empty line each line is a pattern that some line of the body matches, or with
    /// "!" none.
    /// </remarks>
    public static string? Mismatch(SipMessage message, List<string> lines, LadderVariables variables)
    {
        if (lines.Count == 0) return null;
        if (!variables.Matches(lines[0], message.StartLine)) return $"start line, expected '{lines[0]}'";
        var used = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        int at = 1;
        for (; at < lines.Count && lines[at].Length > 0; at++)
        {
            string? problem = HeaderMismatch(message, lines[at], used, variables);
            if (problem != null) return problem;
        }
        string[] body = message.Body.Split("\r\n");
        foreach (string line in lines.Skip(at + 1))
        {
            bool absent = line.StartsWith('!');
            string pattern = absent ? line[1..] : line;
            if (Array.Exists(body, text => variables.Matches(pattern, text)) == absent) return $"body, '{line}'";
        }
        return null;
    }

    private static string? HeaderMismatch(
        SipMessage message, string line, Dictionary<string, int> used, LadderVariables variables)
    {
        bool absent = line.StartsWith('!');
        int colon = line.IndexOf(':');
        string name = absent ? line[1..].Trim() : line[..Math.Max(0, colon)].Trim();
        if (name.Length == 0) return $"'{line}' is no expectation";
        List<string> values = message.All(name);
        int index = used.GetValueOrDefault(name);
        if (absent) return values.Count > index ? $"there is {name}: {values[index]}" : null;
        if (index >= values.Count) return $"no {name} (number {index + 1})";
        used[name] = index + 1;
        string pattern = line[(colon + 1)..].Trim();
        return variables.Matches(pattern, values[index]) ? null : $"{name} is '{values[index]}', expected '{pattern}'";
    }
}
