using System.Text;
using System.Text.RegularExpressions;

namespace Sbc.Simulation;

/// <summary>What a ladder knows by name: addresses of hosts, what was captured, tokens of its own.</summary>
internal sealed partial class LadderVariables(Func<string, string> newToken)
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    public string this[string name]
    {
        get => _values.TryGetValue(name, out string? value)
            ? value
            : throw new FormatException($"{{{name}}} is not known");
        set => _values[name] = value;
    }

    public void Forget(string name) => _values.Remove(name);

    /// <summary>{name} becomes its value; {+name} a new token, known by that name from here on.</summary>
    public string Fill(string template) => Placeholder().Replace(template, match =>
    {
        string name = match.Groups[1].Value;
        if (name[0] != '+') return this[name];
        return _values[name[1..]] = newToken(name[1..]);
    });

    /// <summary>
    /// * matches anything, {name} what it is known to be, and anything where it is not known yet: then it is captured.
    /// </summary>
    public bool Matches(string pattern, string text)
    {
        var regex = new StringBuilder("^");
        var captured = new List<string>();
        int at = 0;
        foreach (Match match in PlaceholderOrStar().Matches(pattern))
        {
            regex.Append(Regex.Escape(pattern[at..match.Index]));
            at = match.Index + match.Length;
            regex.Append(Part(match, captured));
        }
        regex.Append(Regex.Escape(pattern[at..])).Append('$');
        Match found = Regex.Match(text, regex.ToString(), RegexOptions.Singleline | RegexOptions.CultureInvariant);
        if (!found.Success) return false;
        foreach (string name in captured) _values[name] = found.Groups[name].Value;
        return true;
    }

    private string Part(Match match, List<string> captured)
    {
        if (match.Value == "*") return ".*";
        string name = match.Groups[1].Value;
        if (_values.TryGetValue(name, out string? value)) return Regex.Escape(value);
        if (captured.Contains(name)) return $@"\k<{name}>";
        captured.Add(name);
        return $"(?<{name}>.+?)";
    }

    [GeneratedRegex(@"\{(\+?[\w.]+)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"\{([\w.]+)\}|\*")]
    private static partial Regex PlaceholderOrStar();
}
