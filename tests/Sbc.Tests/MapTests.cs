using System.Text.RegularExpressions;
using Xunit;

namespace Sbc.Tests;

/// <summary>src/README.md is the map for whoever continues: what it names exists, and no folder is missing.</summary>
public sealed partial class MapTests
{
    private static readonly string Map = Repository.Read("src", "README.md");

    private static readonly string[] CodeFolders = ["src", "tests", "perf", "bench", "appliance"];

    [Fact]
    public void Paths_on_the_map_exist()
    {
        string[] paths = [.. Names().Where(IsPath)];
        Assert.NotEmpty(paths);
        string[] gone = [.. paths.Where(path =>
            !Path.Exists(Repository.Path("src", path)) && !Path.Exists(Repository.Path(path)))];
        Assert.Empty(gone);
    }

    [Fact]
    public void Types_on_the_map_exist()
    {
        HashSet<string> types = [.. CodeFolders
            .Where(folder => Directory.Exists(Repository.Path(folder)))
            .SelectMany(folder => Repository.Files(folder, "*.cs"))
            .SelectMany(file => Declared().Matches(Repository.Read(file)))
            .Select(match => match.Groups["name"].Value)];
        string[] named = [.. Names().Where(name => TypeName().IsMatch(name))];
        Assert.NotEmpty(named);
        string[] gone = [.. named.Where(name => !types.Contains(name))];
        Assert.Empty(gone);
    }

    [Fact]
    public void Every_folder_of_the_sources_is_on_the_map()
    {
        IEnumerable<string> folders = Repository.Files("src", "*.cs")
            .Select(file => Path.GetDirectoryName(file)!["src/".Length..]).Distinct()
            .Where(folder => folder.Contains('/'));
        // A folder is named with its project, or below the heading of the project by its own name.
        string[] missing = [.. folders.Where(folder =>
            !Map.Contains($"`{folder[(folder.IndexOf('/') + 1)..]}/`", StringComparison.Ordinal))];
        Assert.Empty(missing);
    }

    /// <summary>What stands between backticks, outside of blocks.</summary>
    private static IEnumerable<string> Names() => Backticked().Matches(Fence().Replace(Map, ""))
        .Select(match => match.Groups["name"].Value).Distinct();

    private static bool IsPath(string name) =>
        !name.Contains(' ') && !name.StartsWith("Folder", StringComparison.Ordinal)
        && (name.EndsWith(".cs", StringComparison.Ordinal) || name.EndsWith(".md", StringComparison.Ordinal)
            || name.EndsWith(".sh", StringComparison.Ordinal)
            || (name.Contains('/') && !name.StartsWith('/') && !IsFolderOfAProject(name)));

    /// <summary><c>Calls/</c> in the row of a project.</summary>
    private static bool IsFolderOfAProject(string name) => name.EndsWith('/')
        && Directory.GetDirectories(Repository.Path("src"))
            .Any(project => Directory.Exists(Path.Combine(project, name)));

    [GeneratedRegex("`(?<name>[^`\n]+)`")]
    private static partial Regex Backticked();

    [GeneratedRegex("```.*?```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("^[A-Z][a-z]+[A-Za-z]*$|^I[A-Z][a-z]+[A-Za-z]*$")]
    private static partial Regex TypeName();

    [GeneratedRegex(@"\b(class|struct|record|enum|interface)\s+(?:struct\s+|class\s+)?(?<name>[A-Z]\w*)")]
    private static partial Regex Declared();
}
