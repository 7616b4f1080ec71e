using Sbc.Engine.Config;
using Sbc.Program.Configuration;
using Sbc.Tests.Engine.Config;

namespace Sbc.Tests.Program;

/// <summary>A folder of its own for files under test.</summary>
public sealed class ScratchFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sbc-test-");

    public string Root => _folder.FullName;

    public string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    public ConfigLoad Load(string text, ISystemFacts? facts = null) =>
        ConfigFile.Load(Write("sbc.yaml", text), facts ?? new FixedFacts());

    /// <summary>The problems as lines, without the name of the file.</summary>
    public IReadOnlyList<string> Problems(string text, ISystemFacts? facts = null) =>
        [.. Load(text, facts).Problems.Select(p => p.ToString().Replace(Path.Combine(_folder.FullName, "sbc.yaml:"),
            ""))];

    public void Dispose() => _folder.Delete(recursive: true);
}
