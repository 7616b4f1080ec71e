using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Sbc.Tests;

/// <summary>The rules of the sources that a compiler does not know.</summary>
public sealed partial class LintTests
{
    private const int LinesMax = 500;
    private const int ColumnsMax = 120;

    private static readonly string[] SourceFolders = ["src", "tests", "perf", "bench", "appliance"];

    /// <summary>Time, threads, chance and the outside are arguments here, or no run could be replayed.</summary>
    private static readonly string[] Replayable = ["src/Sbc.Sip", "src/Sbc.Media", "src/Sbc.Engine"];

    /// <summary>Folders where every packet passes: no closures and no iterators.</summary>
    private static readonly string[] PacketPath =
    [
        "src/Sbc.Sip/Message", "src/Sbc.Sip/Headers", "src/Sbc.Sip/Writing", "src/Sbc.Sip/Transactions",
        "src/Sbc.Media/Rtp", "src/Sbc.Media/Relay", "src/Sbc.Engine/Pipeline", "src/Sbc.Engine/Calls",
        "src/Sbc.Engine/Transactions", "src/Sbc.Engine/Registrations", "src/Sbc.Sip/Authentication",
    ];

    private static readonly (string Word, string Pattern)[] Banned =
    [
        ("wall clock", @"\bDateTime(Offset)?\b|\bTimeProvider\b|\bEnvironment\.Tick"),
        ("Stopwatch", @"\bStopwatch\b"),
        ("async", @"\basync\b|\bawait\b|\bTask\b|\bValueTask\b|\bTaskCompletionSource\b"),
        ("lock", @"\block\s*\(|\bMonitor\.|\bMutex\b|\bSemaphore|\bReaderWriterLock|\bSpinLock\b|\bManualResetEvent"),
        ("thread", @"\bThread\b|\bThreadPool\b|\bThreadLocal\b|\bThreadStatic\b|\bParallel\b|\bnew Timer\b"),
        ("concurrent collection", @"\bConcurrent[A-Z]\w+|\bSystem\.Collections\.Concurrent\b"),
        ("ambient randomness", @"\bRandom\.Shared\b|\bnew Random\b|\bRandomNumberGenerator\b|\bGuid\.NewGuid\b"),
        ("hash of the process", @"\bHashCode\b"),
        ("outside", @"\bSystem\.Net\.[A-Z]|\bSystem\.IO\b|\bFile\.|\bConsole\.|\bEnvironment\.Get"),
    ];

    /// <summary>Where a banned word is right, and why. A row that nothing needs any more fails.</summary>
    private static readonly (string File, string Word, string Reason)[] Exceptions =
    [
        ("src/Sbc.Engine/Worker/Mailbox.cs", "async", "the control thread awaits the answer of a worker"),
        ("src/Sbc.Engine/Worker/Mailbox.cs", "concurrent collection", "filled by any thread, read by one worker"),
    ];

    /// <summary>LINQ in folders of the packet path, at start only.</summary>
    private static readonly (string File, string Reason)[] LinqAtStart =
    [
        ("src/Sbc.Sip/Message/HeaderNames.cs", "tables built once for the process"),
        ("src/Sbc.Engine/Registrations/RegistrarBuilder.cs", "compiles the configuration"),
    ];

    private static readonly Dictionary<string, string[]> ReferencesAllowed = new()
    {
        ["Sbc.Runtime"] = [],
        ["Sbc.Sip"] = ["Sbc.Runtime"],
        ["Sbc.Media"] = ["Sbc.Runtime"],
        ["Sbc.Engine"] = ["Sbc.Runtime", "Sbc.Sip", "Sbc.Media"],
        ["Sbc.Network"] = ["Sbc.Runtime"],
        ["Sbc"] = ["Sbc.Runtime", "Sbc.Sip", "Sbc.Media", "Sbc.Engine", "Sbc.Network"],
    };

    [Fact]
    public void Files_have_at_most_500_lines() => AssertNone(Sources()
        .Select(file => (file, Lines: File.ReadAllLines(Repository.Path(file)).Length))
        .Where(found => found.Lines > LinesMax)
        .Select(found => $"{found.file}: {found.Lines} lines"));

    [Fact]
    public void Lines_have_at_most_120_columns() => AssertNone(Sources()
        .Select(file => (file, Long: File.ReadAllLines(Repository.Path(file)).Count(line => line.Length > ColumnsMax)))
        .Where(found => found.Long > KnownLongLines.GetValueOrDefault(found.file))
        .Select(found => $"{found.file}: {found.Long} lines above {ColumnsMax} columns"));

    [Fact]
    public void Protocol_code_takes_time_chance_and_the_outside_as_arguments()
    {
        var used = new HashSet<(string, string)>();
        var problems = new List<string>();
        foreach (string file in Replayable.SelectMany(folder => Repository.Files(folder, "*.cs")))
        {
            string[] lines = Code(file);
            foreach ((string word, string pattern) in Banned)
            {
                int line = Array.FindIndex(lines, text => Regex.IsMatch(text, pattern));
                if (line < 0) continue;
                if (Exceptions.Any(known => known.File == file && known.Word == word)) used.Add((file, word));
                else problems.Add($"{file}:{line + 1}: {word}: {lines[line].Trim()}");
            }
        }
        problems.AddRange(Exceptions.Where(known => !used.Contains((known.File, known.Word)))
            .Select(known => $"{known.File}: the exception for \"{known.Word}\" is not needed any more"));
        AssertNone(problems);
    }

    [Fact]
    public void The_packet_path_has_no_linq() => AssertNone(PacketPath
        .SelectMany(folder => Repository.Files(folder, "*.cs"))
        .Where(file => !LinqAtStart.Any(known => known.File == file))
        .Where(file => Code(file).Any(line => Linq().IsMatch(line))));

    [Fact]
    public void Unsafe_code_is_in_the_network_project_alone()
    {
        AssertNone(Repository.Files("src", "*.cs")
            .Where(file => !file.StartsWith("src/Sbc.Network/", StringComparison.Ordinal))
            .Where(file => Code(file).Any(line => Regex.IsMatch(line, @"\bunsafe\b|\[(LibraryImport|DllImport)"))));
        AssertNone(Repository.Files("src", "*.csproj")
            .Where(file => !file.StartsWith("src/Sbc.Network/", StringComparison.Ordinal))
            .Where(file => Repository.Read(file).Contains("AllowUnsafeBlocks", StringComparison.Ordinal)));
    }

    [Fact]
    public void Projects_know_only_what_the_map_allows()
    {
        foreach (string file in Repository.Files("src", "*.csproj"))
        {
            string[] references = [.. XDocument.Load(Repository.Path(file)).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value))];
            string project = Path.GetFileNameWithoutExtension(file);
            Assert.True(ReferencesAllowed.ContainsKey(project), $"{project} is on no map: who may know it?");
            Assert.Empty(references.Except(ReferencesAllowed[project]));
        }
    }

    private static IEnumerable<string> Sources() => SourceFolders
        .Where(folder => Directory.Exists(Repository.Path(folder)))
        .SelectMany(folder => Repository.Files(folder, "*.cs"));

    /// <summary>Lines without comments and without what is between quotation marks.</summary>
    private static string[] Code(string file) => [.. File.ReadAllLines(Repository.Path(file))
        .Select(line => Comment().Replace(Quoted().Replace(line, "\"\""), ""))];

    private static void AssertNone(IEnumerable<string> problems) =>
        Assert.True(!problems.Any(), string.Join(Environment.NewLine, problems));

    [GeneratedRegex("""
        "(\\.|[^"\\])*"
        """)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"//.*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\.(Select|SelectMany|Where|ToList|ToDictionary|OrderBy|GroupBy|Any|First|FirstOrDefault)\(")]
    private static partial Regex Linq();
}
