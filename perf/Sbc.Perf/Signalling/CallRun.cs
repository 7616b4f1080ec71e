using System.Diagnostics;
using Sbc.Perf.Machine;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Signalling;

/// <summary>What a run of calls through a box came to.</summary>
internal sealed record CallRun(
    int Calls, int Failed, int Retransmissions, double CallsPerSecond, double CpuMicroseconds,
    double HelpersCpuMicroseconds, double BusyMicroseconds, long ResidentBytes)
{
    private const double CleanRetransmissionShare = 0.001;

    /// <summary>Messages that either SIPp sent again, by calls: the stricter of the two readings.</summary>
    public double RetransmissionShare => (double)Retransmissions / Calls;

    public bool IsClean => Failed == 0 && RetransmissionShare <= CleanRetransmissionShare;

    public static CallRun Measure(Workspace workspace, Subject subject, RunningSubject box, string folder,
        string name, int calls, int rate)
    {
        using var farm = SippProcess.Farm(workspace, folder, name + "-farm");
        BoundPorts.Wait(Topology.Farm, Topology.SipPort, farm.Process);
        Thread.Sleep(100);
        var expected = (double)calls / rate;
        var cpu = box.CpuNanoseconds;
        var helpers = box.HelpersCpuNanoseconds;
        var machine = new SystemClock();
        var clock = Stopwatch.StartNew();
        string[] ports = subject.ManyPorts ? ["-t", "un", "-max_socket", "10000"] : [];
        using var caller = SippProcess.Caller(workspace, folder, name + "-caller", "uac.xml",
            subject.ManyPorts ? Topology.SipPort + 1000 : Topology.SipPort, calls, rate, ports);
        var ended = caller.Process.WaitForExit(TimeSpan.FromSeconds(expected * 1.5 + 15));
        var elapsed = clock.Elapsed.TotalSeconds;
        cpu = box.CpuNanoseconds - cpu;
        helpers = box.HelpersCpuNanoseconds - helpers;
        var busy = machine.BusySeconds;
        if (!ended) caller.Finish();
        var resident = box.ResidentBytes;
        box.ThrowIfEnded();
        farm.Finish();
        var failed = Math.Max(calls - (int)caller.Read("SuccessfulCall(C)"), (int)farm.Read("FailedCall(C)"));
        var again = (int)(caller.Read("Retransmissions(C)") + farm.Read("Retransmissions(C)"));
        return new CallRun(calls, failed, again, calls / elapsed,
            cpu / 1000.0 / calls, helpers / 1000.0 / calls, busy * 1e6 / calls, resident);
    }
}
