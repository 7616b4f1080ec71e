using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sbc.Demo;

/// <summary>A program the demo started. Its output goes to a file; it is ended by its id.</summary>
internal sealed class Child : IDisposable
{
    private const int Terminate = 15;
    private const int KillNow = 9;

    private readonly Process _process;
    private readonly string _log;

    public Child(string name, string folder, string program, params string[] arguments)
    {
        Name = name;
        _log = Path.Combine(folder, $"{name}.log");
        // The shell only redirects and is replaced by the program, which so keeps the id.
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder };
        foreach (string part in (string[])["-c", "exec \"$@\" >\"$0\" 2>&1 </dev/null", _log, program, .. arguments])
            start.ArgumentList.Add(part);
        start.Environment["TERM"] = "dumb";        // SIPp asks curses for it even when nobody watches
        _process = Process.Start(start) ?? throw new DemoFailed($"{program} does not start");
    }

    public string Name { get; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Log => File.Exists(_log) ? File.ReadAllText(_log) : "";

    public async Task WaitForAsync(Func<bool> ready, string what, CancellationToken stop)
    {
        long deadline = Environment.TickCount64 + 20_000;
        while (!ready())
        {
            if (HasExited) throw new DemoFailed($"{Name} ended instead of {what}:{Environment.NewLine}{LastLines()}");
            if (Environment.TickCount64 > deadline)
                throw new DemoFailed($"{Name}: not {what} after 20 s:{Environment.NewLine}{LastLines()}");
            await Task.Delay(50, stop);
        }
    }

    /// <summary>SIGTERM, again (for sbc the second one means now, whatever calls it has), then SIGKILL.</summary>
    public void End()
    {
        foreach (int signal in (int[])[Terminate, Terminate, KillNow])
        {
            if (_process.HasExited) return;
            _ = Signal(_process.Id, signal);
            if (_process.WaitForExit(TimeSpan.FromSeconds(3))) return;
        }
    }

    public void Dispose()
    {
        End();
        _process.Dispose();
    }

    private string LastLines() => string.Join(Environment.NewLine, Log.Split('\n').TakeLast(5));

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
