namespace Sbc.Engine.Config;

/// <summary>Collects problems; all rules write into one.</summary>
public sealed class ConfigProblems
{
    private readonly List<ConfigProblem> _items = [];

    public IReadOnlyList<ConfigProblem> Items => _items;

    public void Error(string path, string message) =>
        _items.Add(new ConfigProblem(path, ConfigSeverity.Error, message));

    public void Warning(string path, string message) =>
        _items.Add(new ConfigProblem(path, ConfigSeverity.Warning, message));

    /// <summary>An error unless the number is within the limits, both included.</summary>
    public void Range(string path, int? value, int least, int most)
    {
        if (value is { } number && (number < least || number > most))
            Error(path, $"{number} is out of range; write a number from {least} to {most}");
    }
}
