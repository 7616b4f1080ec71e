using System.Globalization;
using Sbc.Perf.Machine;

namespace Sbc.Perf.Signalling;

/// <summary>One SIPp, and what its statistics file says of it.</summary>
internal sealed class SippProcess : IDisposable
{
    private readonly string statistics;

    private SippProcess(ChildProcess process, string statistics)
    {
        Process = process;
        this.statistics = statistics;
    }

    public ChildProcess Process { get; }

    public static SippProcess Farm(Workspace workspace, string folder, string name, bool traced = false) =>
        Start(workspace, folder, name, "uas.xml", traced,
            ["-i", Topology.Farm, "-p", $"{Topology.SipPort}", "-mi", Topology.Farm]);

    public static SippProcess Caller(Workspace workspace, string folder, string name, string scenario, int localPort,
        int calls, int rate, IEnumerable<string> more, bool traced = false) =>
        Start(workspace, folder, name, scenario, traced,
        [
            $"{Topology.Edge}:{Topology.SipPort}", "-i", Topology.Caller, "-p", $"{localPort}",
            "-mi", Topology.Caller, "-m", $"{calls}", "-r", $"{rate}", "-l", $"{calls}",
            "-recv_timeout", "10000", .. more,
        ]);

    /// <summary>Phones that register at the box, each as a line of <paramref name="users"/> says.</summary>
    public static SippProcess Phones(
        Workspace workspace, string folder, string name, string scenario, string users, int phones, int rate) =>
        Start(workspace, folder, name, scenario, false,
        [
            $"{Topology.Edge}:{Topology.SipPort}", "-i", Topology.Caller, "-p", $"{Topology.SipPort}",
            "-inf", users, "-m", $"{phones}", "-r", $"{rate}", "-l", $"{phones}", "-recv_timeout", "10000",
        ]);

    private static SippProcess Start(Workspace workspace, string folder, string name, string scenario, bool traced,
        IEnumerable<string> specific)
    {
        var statistics = Path.Combine(folder, name + ".csv");
        var arguments = new List<string>(specific)
        {
            "-sf", Path.Combine(workspace.Scenarios, scenario), "-bind_local", "-nostdin",
            "-trace_stat", "-stf", statistics, "-fd", "1",
            // Calls start each millisecond and not in bursts of ten; bursts are read, not lost.
            "-timer_resol", "1", "-buff_size", "4194304",
            "-trace_err", "-error_file", Path.Combine(folder, name + ".errors"),
        };
        if (traced) arguments.AddRange(["-trace_msg", "-message_file", Messages(folder, name)]);
        return new SippProcess(ChildProcess.Start("sipp", arguments, folder, name), statistics);
    }

    public static string Messages(string folder, string name) => Path.Combine(folder, name + ".messages");

    /// <summary>The newest value of a column, such as <c>SuccessfulCall(C)</c>; 0 before the first line.</summary>
    public double Read(string column)
    {
        if (!File.Exists(statistics)) return 0;
        var lines = File.ReadAllLines(statistics);
        var at = lines.Length == 0 ? -1 : Array.IndexOf(lines[0].Split(';'), column);
        for (var i = lines.Length - 1; i > 0 && at >= 0; i--)
        {
            var fields = lines[i].Split(';');
            if (fields.Length > at && double.TryParse(fields[at], CultureInfo.InvariantCulture, out var value))
                return value;
        }
        return 0;
    }

    /// <summary>
    /// Ends it once its statistics, which it writes each second, hold the last call. Not by waiting for its calls:
    /// those of the farm linger to answer a BYE that is sent again.
    /// </summary>
    public void Finish()
    {
        Thread.Sleep(1200);
        Process.Stop(ChildProcess.SignalKill);
    }

    public void Dispose() => Process.Dispose();
}
