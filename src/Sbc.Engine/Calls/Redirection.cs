using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// Follows 3xx of peers where the route says so (RFC 3261 8.1.3.4): each Contact, best first, goes through the routes
/// again, as a Request-URI of the caller would. Never straight to an address: a peer does not choose where we send.
/// </summary>
public sealed class Redirection(
    Workspace work, CallTable calls, ServerTransactions servers, Attempts attempts, TargetChoice targets)
{
    private const int TextBytesMax = 2048;

    /// <summary>A failure came: 3xx to follow, or the next target of one that is being followed.</summary>
    /// <param name="refusal">On true: 0 when another target has the request, else what refuses it.</param>
    public bool TryFollow(Handle handle, SipMessage response, out int refusal)
    {
        refusal = 0;
        ref CallState call = ref calls[handle];
        // A challenge is for the caller, with the header fields that it came with (16.7 step 7).
        if (response.StatusCode is >= 600 or 401 or 407) return false;
        if (response.StatusCode < 400 && work.Snapshot.RouteById(call.Route) is { FollowsRedirects: true } &&
            !Disposition.ForbidsRecursion(attempts.Stored(handle)))
            Collect(ref call, response);
        if (response.StatusCode >= 400) Failure.Keep(ref call, response.StatusCode);
        return TryNext(handle, out refusal);
    }

    /// <summary>Sends the request to the next target of a redirection. False where none is left.</summary>
    public bool TryNext(Handle handle, out int refusal)
    {
        refusal = 0;
        ref CallState call = ref calls[handle];
        ref byte redirected = ref calls[calls.Root(handle)].Redirected;
        while (!call.Redirects.IsNone && redirected < Limits.RedirectionsMax)
        {
            ReadOnlySpan<byte> rest = work.Buffers.Bytes(call.Redirects)[call.RedirectNext..];
            int end = rest.IndexOf((byte)'\n');
            if (end < 0) break;
            call.RedirectStart = call.RedirectNext;
            call.RedirectNext += (ushort)(end + 1);
            redirected++;
            SipMessage request = attempts.Stored(handle);
            Route? route = Match(handle, request);
            if (route is null || route.Target == RouteTarget.Reject) continue;
            targets.Return(ref call.Target);
            if (!targets.TryEnter(route, ref call.Target, work.Now)) continue;
            call.Route = (short)route.Id;
            call.Group = -1;
            call.Rang = false;
            if (attempts.Send(handle, request) == 0) return true;
        }
        return false;
    }

    /// <summary>Another target will not be needed.</summary>
    public void Forget(Handle handle)
    {
        calls[handle].Redirected = 0;
        work.Buffers.Return(ref calls[handle].Redirects);
    }

    /// <summary>The route that the caller's request would take with this Request-URI.</summary>
    private Route? Match(Handle handle, SipMessage request)
    {
        ref LegState ingress = ref calls[handle].Legs[CallState.Ingress];
        var origin = new Origin(
            servers[calls[handle].InviteServer].Source, ingress.Listener, work.Snapshot.Realms[ingress.Realm],
            work.Snapshot.PeerById(ingress.Peer));
        return work.Match(request, origin, attempts.RequestUri(handle, request));
    }

    /// <summary>
    /// Stores the Contacts by q, highest first; equal ones in their order (RFC 3261 20.10). As many as are tried: a
    /// datagram of thousands, each with a q of its own, would be read a thousand times.
    /// </summary>
    private void Collect(ref CallState call, SipMessage response)
    {
        Span<byte> text = stackalloc byte[TextBytesMax];
        int length = 0, left = Limits.RedirectionsMax;
        for (int last = 1001, best; left > 0 && (best = BestBelow(response, last)) >= 0; last = best)
        {
            var contacts = new HeaderValues(response, HeaderName.Contact);
            while (left > 0 && contacts.MoveNext())
            {
                if (!IsTarget(contacts.Current, out NameAddress contact) || QualityOf(contact) != best) continue;
                left--;
                if (length + contact.Uri.Length + 1 > text.Length) continue;
                contact.Uri.CopyTo(text[length..]);
                length += contact.Uri.Length;
                text[length++] = (byte)'\n';
            }
        }
        work.Buffers.Return(ref call.Redirects);
        call.RedirectStart = call.RedirectNext = 0;
        work.Buffers.TryStore(text[..length], out call.Redirects);
    }

    private static int BestBelow(SipMessage response, int limit)
    {
        int best = -1;
        var contacts = new HeaderValues(response, HeaderName.Contact);
        while (contacts.MoveNext())
        {
            if (!IsTarget(contacts.Current, out NameAddress contact)) continue;
            int quality = QualityOf(contact);
            if (quality < limit) best = Math.Max(best, quality);
        }
        return best;
    }

    /// <summary>A target that a request line can carry; header fields that it asks for are not taken over.</summary>
    private static bool IsTarget(ReadOnlySpan<byte> value, out NameAddress contact) =>
        NameAddress.TryParse(value, out contact) && Pipeline.Sanity.FitsRequestLine(contact.Uri) &&
        SipUri.TryParse(contact.Uri, out SipUri uri) && uri.IsSip && uri.HeaderPart.Length == 0;

    private static int QualityOf(in NameAddress contact) =>
        Parameters.TryGet(contact.Parameters, "q"u8, out ReadOnlySpan<byte> q) ? Quality.Parse(q) : 1000;
}
