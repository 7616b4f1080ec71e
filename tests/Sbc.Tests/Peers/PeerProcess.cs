using System.Diagnostics;

namespace Sbc.Tests.Peers;

/// <summary>A real program beside the box; ended by its id, whatever the test does.</summary>
public sealed class PeerProcess : IDisposable
{
    private readonly Process _process;
    private bool _isDisposed;
    private readonly List<string> _lines = [];

    public PeerProcess(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_lines) return string.Join('\n', _lines);
        }
    }

    /// <summary>Waits until a line holds the words. Fails with what was printed instead.</summary>
    public PeerProcess WaitFor(string words, int seconds = 20)
    {
        bool found = SpinWait.SpinUntil(() => Output.Contains(words, StringComparison.Ordinal) || HasExited, seconds * 1000);
        // The last lines of a process that has ended are read before it is waited for.
        if (HasExited) _process.WaitForExit();
        if (!found || !Output.Contains(words, StringComparison.Ordinal))
            throw new InvalidOperationException($"no \"{words}\" in {seconds} s of {_process.StartInfo.FileName}:\n{Output}");
        return this;
    }

    public int WaitForExit(int seconds)
    {
        if (!_process.WaitForExit(seconds * 1000))
            throw new InvalidOperationException($"{_process.StartInfo.FileName} still runs after {seconds} s:\n{Output}");
        _process.WaitForExit();
        return _process.ExitCode;
    }

    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", $"{Id}"]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null) return;
        lock (_lines) _lines.Add(line);
    }
}
