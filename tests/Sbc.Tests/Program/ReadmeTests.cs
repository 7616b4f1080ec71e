using System.Text.RegularExpressions;
using Sbc.Program.Commands;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Program;

/// <summary>What README.md shows must work: its configurations pass <c>sbc check</c> without a warning.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public static TheoryData<int> Examples()
    {
        int count = Blocks().Count;
        Assert.True(count > 0);
        return [.. Enumerable.Range(1, count)];
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Examples))]
    public void Configurations_in_the_readme_are_valid(int example)
    {
        string file = _folder.Write($"example-{example}.yaml", Blocks()[example - 1]);
        using var output = new StringWriter();
        int exit = CheckCommand.Run(file, new FixedFacts(), output);
        Assert.True(exit == 0 && !output.ToString().Contains("warning:", StringComparison.Ordinal), output.ToString());
    }

    [Fact]
    public void Make_targets_in_the_documents_exist()
    {
        string makefile = Repository.Read("Makefile");
        string[] named = [.. new[] { "README.md", "appliance/README.md", "src/README.md" }
            .SelectMany(file => MakeTarget().Matches(Repository.Read(file)))
            .Select(match => match.Groups["target"].Value).Distinct()];
        Assert.NotEmpty(named);
        string[] missing = [.. named.Where(target => !Regex.IsMatch(makefile, $"^{target}:", RegexOptions.Multiline))];
        Assert.Empty(missing);
    }

    [Fact]
    public void Links_in_the_documents_lead_somewhere()
    {
        foreach (string file in new[] { "README.md", "appliance/README.md", "src/README.md", "CHANGELOG.md" })
        {
            string folder = Path.GetDirectoryName(Repository.Path(file))!;
            string[] broken = [.. Link().Matches(Repository.Read(file)).Select(match => match.Groups["to"].Value)
                .Where(to => !to.StartsWith("http", StringComparison.Ordinal))
                .Where(to => !Path.Exists(Path.Combine(folder, to)))];
            Assert.Empty(broken);
        }
    }

    private static List<string> Blocks() =>
        [.. YamlBlock().Matches(Repository.Read("README.md")).Select(match => match.Groups["text"].Value)];

    [GeneratedRegex("^```yaml\n(?<text>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex YamlBlock();

    [GeneratedRegex(@"(^|`)make (?<target>[a-z][a-z-]*)", RegexOptions.Multiline)]
    private static partial Regex MakeTarget();

    [GeneratedRegex(@"\]\((?<to>[^)#]+)\)")]
    private static partial Regex Link();
}
