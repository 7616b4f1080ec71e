using Sbc.Perf.Machine;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Signalling;

/// <summary>
/// What a held call weighs. N calls are set up and held, then N more; the difference of the two weighings is the
/// calls, since what serves only their setup is the same in both.
/// </summary>
internal static class HeldCalls
{
    private const int CallsPerSecond = 1000;
    private const int HoldMilliseconds = 900_000;

    /// <summary>Anchored calls hold four sockets each, and a machine may allow 20,000 open files.</summary>
    private const int AnchoredCallsMax = 2000;

    public static double BytesPerCall(Workspace workspace, Subject subject, int calls, int settleSeconds)
    {
        if (subject.AnchorsMedia) calls = Math.Min(calls, AnchoredCallsMax);
        var folder = workspace.NewFolder(subject.Name, "held");
        using var box = subject.Start(workspace, folder);
        using var farm = SippProcess.Farm(workspace, folder, "farm");
        BoundPorts.Wait(Topology.Farm, Topology.SipPort, farm.Process);
        using var first = Hold(workspace, folder, "first", calls, 1);
        var before = box.ResidentBytes;
        Thread.Sleep(TimeSpan.FromSeconds(settleSeconds));
        using var second = Hold(workspace, folder, "second", calls, 2);
        var after = box.ResidentBytes;
        box.ThrowIfEnded();
        return (double)(after - before) / calls;
    }

    private static SippProcess Hold(Workspace workspace, string folder, string name, int calls, int portOffset)
    {
        var caller = SippProcess.Caller(workspace, folder, name, "uac_hold.xml", Topology.SipPort + portOffset, calls,
            CallsPerSecond, ["-d", $"{HoldMilliseconds}"]);
        Thread.Sleep(TimeSpan.FromSeconds((double)calls / CallsPerSecond + 3));
        var failed = (int)caller.Read("FailedCall(C)");
        var held = (int)caller.Read("CurrentCall");
        if (failed == 0 && held == calls) return caller;
        caller.Dispose();
        throw new RowFailed($"{held} of {calls} calls are held, {failed} failed; see {folder}");
    }
}
