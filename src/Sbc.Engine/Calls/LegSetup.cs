using Sbc.Engine.Pipeline;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>Where the egress leg of a call goes.</summary>
public readonly ref struct EgressTarget
{
    public required Realm Realm { get; init; }

    public required Listener Listener { get; init; }

    public required TransportAddress Address { get; init; }

    /// <summary>Host, and port where it is not 5060, that replaces our own in URIs.</summary>
    public required ReadOnlySpan<byte> HostPort { get; init; }

    /// <summary>Route header value that is left for the next hop; empty: none.</summary>
    public ReadOnlySpan<byte> Routes { get; init; }

    /// <summary>Whose flow it is; none where nobody registered it.</summary>
    public FlowName Flow { get; init; }
}

/// <summary>Fills in the legs of a call from the messages that make their dialogs.</summary>
public sealed class LegSetup(Workspace work, CallTable calls, DialogNames names)
{
    private readonly byte[] _local = new byte[SipTextMax];
    private readonly byte[] _remote = new byte[SipTextMax];
    private readonly byte[] _target = new byte[SipTextMax];

    // One text of a leg; what is longer could not be written into a request together with the others.
    private const int SipTextMax = 8192;

    /// <summary>Of whoever does not want to be known (RFC 3323 4.1.1.3).</summary>
    private static ReadOnlySpan<byte> Anonymous => "\"Anonymous\" <sip:anonymous@anonymous.invalid>"u8;

    /// <summary>
    /// The caller's leg, from the request that begins the call. False when its texts are too long or memory is short.
    /// </summary>
    public bool TryIngress(Handle handle, SipMessage invite, in ViaValue via, in Origin origin)
    {
        ref CallState call = ref calls[handle];
        ref LegState leg = ref call.Legs[CallState.Ingress];
        if (!NameAddress.TryParse(invite.Value(HeaderName.From), out NameAddress from)) return false;
        if (!NameAddress.TryParse(invite.Value(HeaderName.To), out NameAddress to)) return false;
        from.TryGetTag(out ReadOnlySpan<byte> fromTag);
        ReadOnlySpan<byte> target = TargetOf(invite);
        Span<byte> routes = stackalloc byte[RouteSet.BytesMax];
        int routesLength = RouteSet.Write(invite, reversed: false, routes);
        if (routesLength < 0) return false;
        var local = new SipWriter(_local);
        WriteNameAddress(ref local, to);
        var remote = new SipWriter(_remote);
        WriteNameAddress(ref remote, from);
        if (local.Overflowed || remote.Overflowed) return false;
        if (!LegText.TrySet(work.Buffers, ref leg, invite.Value(HeaderName.CallId), local.Written, remote.Written,
                fromTag, target, routes[..routesLength])) return false;
        leg.Realm = (byte)origin.Realm.Id;
        leg.Listener = (byte)origin.Listener;
        leg.Flow = origin.Source;
        leg.TakesUpdate = leg.TakesTimer = false;
        if (call.SessionSeconds > 0) LearnAbilities(ref leg, invite);
        CSeqValue.TryParse(invite.Value(HeaderName.CSeq), out CSeqValue cseq);
        leg.RemoteCSeqNext = cseq.Number + 1;
        leg.Nat = routesLength == 0 && origin.Realm.NatAuto &&
            (StatelessReply.ViaDiffers(via, origin) || (origin.Peer is null && IsElsewhere(target, origin.Source)));
        SetNextHop(ref leg);
        return true;
    }

    /// <summary>The egress leg, before its first request is written.</summary>
    /// <param name="requestUri">Of the request, or of the redirection that is followed.</param>
    public bool TryEgress(
        Handle handle, SipMessage invite, ReadOnlySpan<byte> requestUri, in EgressTarget egress, in HostMap map)
    {
        ref CallState call = ref calls[handle];
        ref LegState leg = ref call.Legs[CallState.Egress];
        if (!NameAddress.TryParse(invite.Value(HeaderName.From), out NameAddress from)) return false;
        if (!NameAddress.TryParse(invite.Value(HeaderName.To), out NameAddress to)) return false;
        var local = new SipWriter(_local);
        if (HeaderFilter.IsAnonymous(invite, map)) local.Raw(Anonymous);
        else WriteMapped(ref local, from, map);
        var remote = new SipWriter(_remote);
        WriteMapped(ref remote, to, map);
        var target = new SipWriter(_target);
        WriteRequestUri(ref target, requestUri, map);
        if (local.Overflowed || remote.Overflowed || target.Overflowed) return false;
        Span<byte> callId = stackalloc byte[Tokens.Length];
        calls.WriteToken(handle, CallState.Egress, callId);
        if (!LegText.TrySet(work.Buffers, ref leg, callId, local.Written, remote.Written, default, target.Written,
            egress.Routes))
            return false;
        leg.Realm = (byte)egress.Realm.Id;
        leg.Listener = (byte)egress.Listener.Index;
        leg.Flow = leg.NextHop = egress.Address;
        leg.Established = leg.Nat = leg.TakesUpdate = leg.TakesTimer = false;
        return true;
    }

    /// <summary>
    /// The egress dialog of a message from the callee's side: tag, target, route set of a response reversed (12.1.2),
    /// of a NOTIFY in order (12.1.1).
    /// </summary>
    public bool TryFollow(Handle handle, SipMessage message, ReadOnlySpan<byte> tag, in Origin origin)
    {
        ref LegState leg = ref calls[handle].Legs[CallState.Egress];
        ReadOnlySpan<byte> target = TargetOf(message);
        Span<byte> routes = stackalloc byte[RouteSet.BytesMax];
        int length = RouteSet.Write(message, reversed: !message.IsRequest, routes);
        if (length < 0) return false;
        if (target.Length == 0) target = LegText.Target(work.Buffers, leg);
        if (!LegText.TrySetDialog(work.Buffers, ref leg, tag, target, routes[..length])) return false;
        if (calls[handle].SessionSeconds > 0) LearnAbilities(ref leg, message);
        leg.Flow = origin.Source;
        leg.Nat = length == 0 && origin.Realm.NatAuto && IsElsewhere(target, origin.Source);
        SetNextHop(ref leg);
        return true;
    }

    /// <summary>How the box can refresh the session at this end.</summary>
    private static void LearnAbilities(ref LegState leg, SipMessage message)
    {
        if (message.Has(HeaderName.Allow))
            leg.TakesUpdate = HeaderValues.Contains(message, HeaderName.Allow, "UPDATE"u8);
        if (!message.IsRequest && message.StatusCode < 200) return;
        leg.TakesTimer = HeaderValues.Contains(message, HeaderName.Supported, "timer"u8) ||
            message.Has(HeaderName.SessionExpires);
    }

    /// <summary>A target refresh (12.2): the Contact of a request that may bring one, or of its 2xx.</summary>
    public void RefreshTarget(ref LegState leg, SipMessage message)
    {
        ReadOnlySpan<byte> target = TargetOf(message);
        if (target.Length > 0) LegText.TrySetTarget(work.Buffers, ref leg, target);
        SetNextHop(ref leg);
    }

    /// <summary>Where requests on this leg go: first route, else the flow behind NAT, else the Contact.</summary>
    public void SetNextHop(ref LegState leg)
    {
        leg.NextHop = leg.Flow;
        ReadOnlySpan<byte> routes = LegText.Routes(work.Buffers, leg);
        ReadOnlySpan<byte> uriText = LegText.Target(work.Buffers, leg);
        if (routes.Length > 0)
        {
            int end = Quoting.IndexOfValueEnd(routes);
            if (!NameAddress.TryParse(end < 0 ? routes : routes[..end], out NameAddress route)) return;
            uriText = route.Uri;
        }
        else if (leg.Nat)
        {
            return;
        }
        // A name would have to be resolved; until then its requests go where it was last heard from.
        if (SipUri.TryParse(uriText, out SipUri uri) && uri.TryGetAddress(5060, out TransportAddress address) &&
            address.IsIPv4 == leg.Flow.IsIPv4)
        {
            leg.NextHop = address;
        }
    }

    /// <summary>The map for messages from one leg to the other of an existing call.</summary>
    public HostMap MapTo(Handle handle, int toLeg, Span<byte> targetText)
    {
        ref CallState call = ref calls[handle];
        ref LegState to = ref call.Legs[toLeg];
        ref LegState from = ref call.Legs[1 - toLeg];
        Snapshot snapshot = work.Snapshot;
        return new HostMap
        {
            From = snapshot.Realms[from.Realm],
            FromTrusted = snapshot.Trusts(from.Realm, from.Peer),
            ToTrusted = snapshot.Trusts(to.Realm, to.Peer),
            To = snapshot.Realms[to.Realm],
            ToListener = snapshot.Listeners[to.Listener],
            Target = targetText[..HostMap.WriteTarget(to.NextHop, targetText)],
            TargetAddress = to.NextHop,
            ToPeer = to.Peer >= 0,
            OwnsSessionTimer = call.SessionSeconds > 0,
            ReferCSeq = (from.ReferCSeq, to.ReferCSeq),
            Names = names,
        };
    }

    /// <summary>
    /// Whether requests could reach the caller at all: it needs a Contact (8.1.1.8), and routes that fit.
    /// </summary>
    public static bool MakesDialog(SipMessage invite)
    {
        Span<byte> routes = stackalloc byte[RouteSet.BytesMax];
        return TargetOf(invite).Length > 0 && RouteSet.Write(invite, reversed: false, routes) >= 0;
    }

    /// <summary>The URI of the Contact, as far as a request line can carry it; empty: none.</summary>
    public static ReadOnlySpan<byte> TargetOf(SipMessage message)
    {
        if (!NameAddress.TryParse(message.Value(HeaderName.Contact), out NameAddress contact)) return default;
        return Sanity.FitsRequestLine(contact.Uri) && SipUri.TryParse(contact.Uri, out _) ? contact.Uri : default;
    }

    private static bool IsElsewhere(ReadOnlySpan<byte> target, in TransportAddress source) =>
        !SipUri.TryParse(target, out SipUri uri) || !uri.TryGetAddress(5060, out TransportAddress address) ||
        !address.SameAddress(source);

    private static void WriteNameAddress(ref SipWriter writer, scoped NameAddress address)
    {
        writer.Raw(address.DisplayName);
        writer.Raw(address.DisplayName.Length > 0 ? " <"u8 : "<"u8);
        writer.Raw(address.Uri);
        writer.Byte((byte)'>');
    }

    private static void WriteMapped(ref SipWriter writer, scoped NameAddress address, scoped HostMap map)
    {
        writer.Raw(address.DisplayName);
        writer.Raw(address.DisplayName.Length > 0 ? " <"u8 : "<"u8);
        HostMap.Write(ref writer, address.Uri, map);
        writer.Byte((byte)'>');
    }

    /// <summary>Our address in the Request-URI becomes the target's; any other host is what the caller wants.</summary>
    private static void WriteRequestUri(ref SipWriter writer, scoped ReadOnlySpan<byte> text, scoped HostMap map)
    {
        if (SipUri.TryParse(text, out SipUri uri) && uri.IsSip && map.From.IsOwnHost(uri.Host))
            HostMap.Write(ref writer, text, map);
        else WriteAllowed(ref writer, text, uri);
    }

    /// <summary>A Contact may ask for header fields and for a method; a Request-URI has neither (16.6 step 2).</summary>
    private static void WriteAllowed(ref SipWriter writer, scoped ReadOnlySpan<byte> text, scoped SipUri uri)
    {
        if (!uri.IsSip || (uri.HeaderPart.Length == 0 && !uri.TryGetParameter("method"u8, out _)))
        {
            writer.Raw(text);
            return;
        }
        writer.Raw(text[..(text.Length - uri.HeaderPart.Length - uri.Parameters.Length)]);
        var parameters = new Parameters(uri.Parameters);
        while (parameters.MoveNext())
        {
            if (System.Text.Ascii.EqualsIgnoreCase(parameters.Name, "method"u8)) continue;
            writer.Byte((byte)';');
            writer.Raw(parameters.Text);
        }
    }
}
