using Sbc.Perf.Machine;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Signalling;

/// <summary>
/// A few traced calls before a row is measured: it must complete them, and must hide and anchor what it claims to.
/// A row that does less than its name says would look cheap.
/// </summary>
internal static class RouteCheck
{
    private const int Calls = 3;
    private static readonly string[] RoutingHeaders = ["via", "record-route", "route", "contact"];

    public static void Run(Workspace workspace, Subject subject)
    {
        var folder = workspace.NewFolder(subject.Name, "check");
        using var box = subject.Start(workspace, folder);
        using var farm = SippProcess.Farm(workspace, folder, "farm", traced: true);
        BoundPorts.Wait(Topology.Farm, Topology.SipPort, farm.Process);
        using var caller = SippProcess.Caller(workspace, folder, "caller", "uac.xml", Topology.SipPort, Calls, Calls,
            [], traced: true);
        if (!caller.Process.WaitForExit(TimeSpan.FromSeconds(30))) caller.Finish();
        farm.Finish();
        if ((int)caller.Read("SuccessfulCall(C)") != Calls)
            throw new RowFailed($"{caller.Read("SuccessfulCall(C)")} of {Calls} calls completed; see {folder}");
        var atFarm = Received(SippProcess.Messages(folder, "farm")).ToList();
        var atCaller = Received(SippProcess.Messages(folder, "caller")).ToList();
        if (subject is not FloorForwarder && !atFarm.Any(m => m.StartsWith("BYE", StringComparison.Ordinal)
            && !Headers(m, RoutingHeaders).Contains(Topology.Farm, StringComparison.Ordinal)
            && m.Contains(Topology.Farm, StringComparison.Ordinal)))
            throw new RowFailed($"the BYE did not come through the box to the farm's Contact; see {folder}");
        if (subject.HidesTopology)
        {
            Absent(atFarm, m => Headers(m, RoutingHeaders), Topology.Caller, "the farm sees the caller", folder);
            Absent(atCaller, m => Headers(m, ["record-route", "contact"]), Topology.Farm, "the caller sees the farm",
                folder);
        }
        if (subject.AnchorsMedia)
        {
            Absent(atFarm, Sdp, Topology.Caller, "SDP names the caller", folder);
            Absent(atCaller, Sdp, Topology.Farm, "SDP names the farm", folder);
        }
    }

    private static void Absent(List<string> messages, Func<string, string> part, string address, string what,
        string folder)
    {
        if (messages.Any(m => part(m).Contains(address, StringComparison.Ordinal)))
            throw new RowFailed($"{what} ({address}); see {folder}");
    }

    private static string Headers(string message, string[] names) =>
        string.Join('\n', message.Split("\n\n")[0].Split('\n')
            .Where(l => names.Contains(l.Split(':')[0].Trim().ToLowerInvariant())));

    private static string Sdp(string message) =>
        string.Join('\n', message.Split('\n').Where(l => l.StartsWith("c=", StringComparison.Ordinal)
            || l.StartsWith("o=", StringComparison.Ordinal)));

    /// <summary>The messages that a SIPp trace says it received.</summary>
    private static IEnumerable<string> Received(string trace)
    {
        var text = File.ReadAllText(trace).Replace("\r", "", StringComparison.Ordinal);
        foreach (var part in text.Split("----------------------------------------------- "))
        {
            var head = part.IndexOf("\n\n", StringComparison.Ordinal);
            if (head > 0 && part[..head].Contains("message received", StringComparison.Ordinal))
                yield return part[(head + 2)..];
        }
    }
}
