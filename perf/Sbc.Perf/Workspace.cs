using System.Diagnostics;
using Sbc.Perf.Machine;

namespace Sbc.Perf;

/// <summary>The folders of a run, the programs built for it, and the program under test.</summary>
internal sealed class Workspace
{
    private Workspace(string root, string sbc)
    {
        Root = root;
        Sbc = sbc;
        Runs = Path.Combine(root, "out", "perf", "runs");
    }

    public string Root { get; }
    public string Sbc { get; }
    public string Runs { get; }
    public string Scenarios => Path.Combine(Root, "perf", "scenarios");
    public string KamailioConfigurations => Path.Combine(Root, "perf", "kamailio");
    public string Forward => Path.Combine(Root, "out", "perf", "forward");
    public string Rtp => Path.Combine(Root, "out", "perf", "rtp");

    /// <summary>A program of perf/floor that relays media.</summary>
    public string Floor(string program) => Path.Combine(Root, "out", "perf", program);

    public static string FindRoot()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            if (File.Exists(Path.Combine(at.FullName, "Sbc.sln"))) return at.FullName;
        throw new InvalidOperationException("no Sbc.sln above the harness");
    }

    public static bool Install(string root)
    {
        using var script = Process.Start("sh", [Path.Combine(root, "perf", "install.sh")]);
        script.WaitForExit();
        return script.ExitCode == 0;
    }

    /// <summary>Builds the C programs and empties the folder of logs.</summary>
    public static Workspace Prepare(string root, Options options)
    {
        var workspace = new Workspace(root, options.SbcPath ?? Path.Combine(root, "out", "sbc"));
        if (Directory.Exists(workspace.Runs)) Directory.Delete(workspace.Runs, true);
        Directory.CreateDirectory(workspace.Runs);
        workspace.Compile("floor/forward.c", workspace.Forward);
        workspace.Compile("floor/relay.c", workspace.Floor("relay"));
        workspace.Compile("floor/uring.c", workspace.Floor("uring"), "-luring");
        workspace.Compile("load/rtp.c", workspace.Rtp);
        return workspace;
    }

    /// <summary>A new, empty folder for one run of one row; it stays, so that a failure can be read.</summary>
    public string NewFolder(string row, string run)
    {
        var name = string.Concat(row.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        var folder = Path.Combine(Runs, $"{name}.{run}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    public static string? MissingProgram(params string[] names)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        var missing = names.Where(n => !folders.Any(f => File.Exists(Path.Combine(f, n)))).ToList();
        return missing.Count == 0 ? null : $"{string.Join(", ", missing)} not installed";
    }

    /// <summary>Null: everything is on loopback.</summary>
    public VethNetwork? Network { get; set; }

    public string? FarmNamespace => Network?.FarmFile;

    /// <summary>A program of the box, in its namespace where it has one; nsenter keeps the id.</summary>
    public ChildProcess StartInBox(string program, IEnumerable<string> arguments, string folder, string name) =>
        Network is { } network
            ? ChildProcess.Start(
                "nsenter", [$"--net=/proc/{network.BoxId}/ns/net", program, .. arguments], folder, name)
            : ChildProcess.Start(program, arguments, folder, name);

    private void Compile(string source, string program, params string[] libraries)
    {
        File.Delete(program);
        string[] arguments =
        [
            "-O2", "-Wall", "-Wextra", "-pthread", "-o", program, Path.Combine(Root, "perf", source), .. libraries,
        ];
        using var compiler = ChildProcess.Start("cc", arguments, Runs, Path.GetFileName(program) + ".build");
        if (!compiler.WaitForExit(TimeSpan.FromSeconds(60)) || compiler.ExitCode != 0)
            Console.Error.WriteLine($"perf: {source} was not built: {compiler.LogTail()}");
    }
}
