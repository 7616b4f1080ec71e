using System.Text;
using Sbc.Engine.Calls;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Media;
using Sbc.Engine.Trunks;
using Sbc.Runtime;

namespace Sbc.Engine.Worker;

/// <summary>
/// Answers the control thread on the worker's own thread: here, and only here, a worker may allocate.
/// </summary>
public sealed class Control(
    Workspace work, CallTable calls, DialogFlow dialogs, CallMedia media, RegisterFlow registers,
    TrunkRegistrations registrations, RegEvents events)
{
    public void Handle(ControlRequest request)
    {
        switch (request.Kind)
        {
            case ControlKind.ListCalls:
                request.Answer.SetResult(List());
                break;
            case ControlKind.EndCalls:
                EndAll(Encoding.ASCII.GetBytes($"Reason: SIP;cause=503;text=\"{request.Reason}\"\r\n"));
                request.Answer.SetResult([]);
                break;
            case ControlKind.RemoveRegistrations:
                request.Done.SetResult(registers.RemoveAll(request.Aor));
                break;
            case ControlKind.Unregister:
                registrations.EndAll();
                events.EndAll();
                request.Answer.SetResult([]);
                break;
        }
    }

    private void EndAll(byte[] reason)
    {
        for (int index = 0; index < calls.Created; index++)
        {
            if (!calls.TryAt(index, out Handle handle)) continue;
            // What waits for credentials is no call, and forgotten it would go to a proxy that never saw its nonce;
            // what is ending has its BYE.
            if (calls[handle].Phase is CallPhase.Challenged or CallPhase.Ending) continue;
            // Other requests and subscriptions need no end, and an early dialog has that of its call.
            if (calls[handle].Kind != CallKind.Session || !calls[handle].Primary.IsNone) continue;
            if (calls[handle].Phase == CallPhase.Setup) dialogs.Refuse(handle, 503);
            else dialogs.End(handle, reason);
        }
    }

    private List<CallSummary> List()
    {
        var list = new List<CallSummary>();
        for (int index = 0; index < calls.Created && list.Count < Limits.CallsListedMax; index++)
        {
            if (!calls.TryAt(index, out Handle handle) || calls[handle].Phase == CallPhase.Challenged) continue;
            if (calls[handle].Kind == CallKind.Session && calls[handle].Primary.IsNone) list.Add(Summary(handle));
        }
        return list;
    }

    private CallSummary Summary(Handle handle)
    {
        ref CallState call = ref calls[handle];
        ref LegState ingress = ref call.Legs[CallState.Ingress];
        ref LegState egress = ref call.Legs[CallState.Egress];
        Snapshot snapshot = work.Snapshot;
        return new CallSummary(
            $"{work.Index}-{handle.Index}-{handle.Generation}",
            call.Phase switch
            {
                CallPhase.Setup => call.Rang ? "ringing" : "setup",
                CallPhase.Answered or CallPhase.Confirmed => "answered",
                _ => "ending",
            },
            snapshot.RouteById(call.Route)?.Name ?? "",
            Encoding.UTF8.GetString(LegText.Remote(work.Buffers, ingress)),
            Encoding.UTF8.GetString(LegText.Local(work.Buffers, ingress)),
            snapshot.PeerById(ingress.Peer)?.Name,
            snapshot.PeerById(egress.Peer)?.Name,
            snapshot.Realms[ingress.Realm].Name,
            snapshot.Realms[egress.Realm].Name,
            (work.Now - (call.AnsweredAt.Microseconds > 0 ? call.AnsweredAt : call.StartedAt)) / 1e6,
            Media(call));
    }

    private List<MediaSummary> Media(in CallState call)
    {
        var list = new List<MediaSummary>();
        for (int line = 0; line < MediaLimits.StreamsPerSessionMax; line++)
        {
            if (media.TryMeasured(call, line, out PortStatistics ingress, out PortStatistics egress))
                list.Add(new MediaSummary(line, MediaLegSummary.Of(ingress), MediaLegSummary.Of(egress)));
        }
        return list;
    }
}
