using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sbc.Perf.Machine;

/// <summary>
/// A program that the harness started; its output goes to a file beside the run. Ended by its id only.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    public const int SignalTerminate = 15;
    public const int SignalKill = 9;
    /// <summary>As many open files as the machine lets it have, then the program in the shell's place.</summary>
    private const string Script = "ulimit -n 200000 2>/dev/null || ulimit -n $(ulimit -Hn); "
        + "exec \"$@\" >\"$0\" 2>&1 </dev/null";

    private readonly Process process;
    private readonly string log;

    private ChildProcess(Process process, string log)
    {
        this.process = process;
        this.log = log;
    }

    public int Id => process.Id;
    public bool HasExited => process.HasExited;
    public int ExitCode => process.ExitCode;

    /// <summary>The shell only redirects and is replaced by the program, which so keeps the id.</summary>
    public static ChildProcess Start(string program, IEnumerable<string> arguments, string folder, string name)
    {
        var log = Path.Combine(folder, name + ".log");
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder };
        foreach (var part in new[] { "-c", Script, log, program })
            start.ArgumentList.Add(part);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        start.Environment["TERM"] = "dumb";        // SIPp asks curses for it even when nobody watches
        return new ChildProcess(Process.Start(start)!, log);
    }

    public bool WaitForExit(TimeSpan limit) => process.WaitForExit(limit);

    public void WaitForText(string text, TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (!Log().Contains(text, StringComparison.Ordinal))
        {
            if (HasExited) throw new RowFailed($"{Path.GetFileName(log)}: ended: {LogTail()}");
            if (clock.Elapsed > limit) throw new RowFailed($"{Path.GetFileName(log)}: no \"{text}\": {LogTail()}");
            Thread.Sleep(5);
        }
    }

    public string Log() => File.Exists(log) ? File.ReadAllText(log) : "";

    public string LogTail()
    {
        var lines = Log().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join(" | ", lines.TakeLast(3));
    }

    public void Signal(int signal)
    {
        if (!process.HasExited) _ = kill(process.Id, signal);
    }

    /// <summary>Asks first, then ends it and what it started.</summary>
    public void Stop(int signal = SignalTerminate, int patience = 5)
    {
        Signal(signal);
        if (process.WaitForExit(TimeSpan.FromSeconds(patience))) return;
        foreach (var id in ProcessTree.Members(process.Id)) _ = kill(id, 9);
        process.WaitForExit(TimeSpan.FromSeconds(5));
    }

    public void Dispose()
    {
        Stop();
        process.Dispose();
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int kill(int id, int signal);
}
