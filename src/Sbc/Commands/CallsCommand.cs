using System.CommandLine;
using Sbc.Engine.Worker;
using Sbc.Program.Admin;

namespace Sbc.Program.Commands;

/// <summary><c>sbc calls</c>: the calls of now.</summary>
public static class CallsCommand
{
    public static Command Create() => AdminCommand.Create(
        "calls", "List the calls of a running box", HttpMethod.Get, "/api/v1/calls",
        AdminJson.Default.CallsReport, Show);

    private static void Show(CallsReport report, Screen screen)
    {
        screen.Table(
            ["id", "state", "seconds", "route", "from", "to", "ingress", "egress", "mos"],
            [.. report.Calls.Select(call => new[]
            {
                call.Id, call.State, $"{call.DurationSeconds:0}", call.Route, call.From, call.To,
                call.IngressPeer ?? call.IngressRealm, call.EgressPeer ?? call.EgressRealm, Mos(call),
            })]);
        string cut = report.Complete ? "" : $"; this list, of {report.Calls.Count}, is not all of them";
        screen.Line($"{report.CallsActive} calls{cut}");
    }

    /// <summary>Of the first voice, ingress and egress.</summary>
    private static string Mos(CallSummary call)
    {
        MediaSummary? voice = call.Media.FirstOrDefault(media => (media.Ingress.Mos ?? media.Egress.Mos) is not null);
        return voice is null ? "" : $"{voice.Ingress.Mos:0.0} / {voice.Egress.Mos:0.0}";
    }
}
