using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>One reading of one file: its facts, and the problems found so far with their places.</summary>
internal sealed class Reading(string file, ISystemFacts facts)
{
    private readonly List<FileProblem> _problems = [];
    private readonly HashSet<string> _broken = [];
    private readonly HashSet<string> _brokenLists = [];
    private bool _brokenTables;

    public ISystemFacts Facts => facts;

    /// <summary>The file's folder: where relative paths start.</summary>
    public string Folder { get; } = Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";

    public IEnumerable<FileProblem> InOrder =>
        _problems.OrderBy(p => p.File == file ? "" : p.File).ThenBy(p => p.Position.Line)
            .ThenBy(p => p.Position.Column);

    public bool HasErrors => _problems.Any(p => p.Severity == ConfigSeverity.Error);

    public void Error(string path, Position at, string message) =>
        _problems.Add(new FileProblem(file, at, path, ConfigSeverity.Error, message));

    public void Warning(string path, Position at, string message) =>
        _problems.Add(new FileProblem(file, at, path, ConfigSeverity.Warning, message));

    /// <summary>An error in a file that a value names, which therefore is missing from the records.</summary>
    public void InFile(string other, string path, Position at, string message)
    {
        _problems.Add(new FileProblem(other, at, path, ConfigSeverity.Error, message));
        Broken(path);
        // Every rule that asks it follows from this.
        _brokenTables = true;
    }

    /// <summary>An error about a value, which therefore is missing from the records.</summary>
    public void Broken(string path, Position at, string message)
    {
        Error(path, at, message);
        Broken(path);
    }

    /// <summary>A value that is missing although its error has been reported already.</summary>
    public void Broken(string path)
    {
        _broken.Add(path);
        if (path.EndsWith(']')) _brokenLists.Add(PositionMap.Parent(path));
    }

    /// <summary>Adds what the validator found, except what only follows from a value that could not be read: at or
    /// below it, or at the list it is missing from.</summary>
    public void Add(IEnumerable<ConfigProblem> found, PositionMap positions)
    {
        foreach (ConfigProblem problem in found)
        {
            if (Follows(problem.Path)) continue;
            _problems.Add(new FileProblem(
                file, positions.Find(problem.Path), problem.Path, problem.Severity, problem.Message));
        }
    }

    private bool Follows(string path)
    {
        if (_brokenTables && (path.EndsWith(".to", StringComparison.Ordinal) || path.EndsWith(
            ".table", StringComparison.Ordinal))) return true;
        if (_brokenLists.Contains(path)) return true;
        for (string at = path; ; at = PositionMap.Parent(at))
        {
            if (_broken.Contains(at)) return true;
            if (at == "") return false;
        }
    }
}
