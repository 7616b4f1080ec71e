using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Media;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Sdp;

namespace Sbc.Engine.Calls;

/// <summary>The media of calls: SDP rewritten on its way between the legs, ports opened, directed and closed.</summary>
/// <remarks>Where one of a call's realms has no media, its bodies pass as they are.</remarks>
public sealed class CallMedia(Workspace work, MediaClient? client)
{
    private readonly BodyFilter _others = new();
    private readonly SdpDescription _sdp = new();
    private readonly byte[] _body = new byte[SdpLimits.BodyBytesMax];
    private readonly SdpMediaPorts[] _ports = new SdpMediaPorts[SdpLimits.MediaMax];
    private readonly StreamSetup[] _setups = new StreamSetup[MediaLimits.StreamsPerSessionMax];
    private readonly StreamPorts[] _opened = new StreamPorts[MediaLimits.StreamsPerSessionMax];
    private readonly int[] _lines = new int[MediaLimits.StreamsPerSessionMax];
    private CallTable _calls = null!;
    private DialogFlow _dialogs = null!;
    private int _timer;

    public bool HasEvents => client is { HasWork: true };

    public long SessionsActive => client?.SessionsActive ?? 0;

    /// <summary>Streams whose ports are not back yet.</summary>
    public int StreamCount => client?.StreamCount ?? 0;

    /// <summary>The calls it serves, which are made after it.</summary>
    public void Attach(CallTable calls, DialogFlow dialogs)
    {
        _calls = calls;
        _dialogs = dialogs;
    }

    /// <summary>The body that goes to the other leg in place of this request's.</summary>
    /// <param name="refusal">On false: the response that refuses the request.</param>
    public bool TryRequestBody(
        Handle handle, int fromLeg, SipMessage request, scoped HostMap map, out ReadOnlySpan<byte> body,
        out int refusal)
    {
        refusal = 0;
        if (!IsAnchored(handle, request))
        {
            body = _others.Apply(request, map);
            Remember(handle, 1 - fromLeg, request, body);
            return true;
        }
        if (!_sdp.TryParse(request.Body, out _))
        {
            // Never passed as it is: it may name what the other side must not see.
            body = default;
            refusal = 488;
            return false;
        }
        // Ports that are all in use are this box's limit: the caller may try again, or elsewhere.
        refusal = 503;
        if (!TryAnchor(handle, fromLeg, request.Body, out body)) return false;
        body = _others.Map(body, map);
        Remember(handle, 1 - fromLeg, request, body);
        return true;
    }

    /// <summary>
    /// The body that goes to the other leg in place of this response's; empty where it cannot be understood.
    /// </summary>
    public ReadOnlySpan<byte> ResponseBody(Handle handle, int fromLeg, SipMessage response, scoped HostMap map)
    {
        ReadOnlySpan<byte> body = default;
        if (!IsAnchored(handle, response)) body = _others.Apply(response, map);
        else if (_sdp.TryParse(response.Body, out _) && TryAnchor(handle, fromLeg, response.Body, out body))
            body = _others.Map(body, map);
        Remember(handle, 1 - fromLeg, response, body);
        return body;
    }

    /// <summary>
    /// Where the box refreshes the session it may have to say again what it said last (RFC 4028 7.4).
    /// </summary>
    private void Remember(Handle handle, int leg, SipMessage message, ReadOnlySpan<byte> body)
    {
        ref CallState call = ref _calls[handle];
        if (call.SessionSeconds == 0 || body.Length == 0 || !IsSdp(message)) return;
        ref BufferRef kept = ref call.Legs[leg].Description;
        work.Buffers.Return(ref kept);
        work.Buffers.TryStore(body, out kept);
    }

    private static bool IsSdp(SipMessage message) =>
        ContentTypes.Is(message.Value(HeaderName.ContentType), "application/sdp"u8);

    public void OnAnswered(Handle handle) => Arm(ref _calls[handle]);

    public void Close(Handle handle)
    {
        ref CallState call = ref _calls[handle];
        if (!call.HasMedia) return;
        call.HasMedia = false;
        if (!call.MediaIsShared) client!.Close(call.Media);
        call.Streams = default;
    }

    /// <summary>An early dialog begins with its call's ports.</summary>
    public static void Share(ref CallState call, ref CallState fork)
    {
        if (!call.HasMedia) return;
        fork.HasMedia = fork.MediaIsShared = true;
        fork.Media = call.Media;
        fork.Streams = call.Streams;
        fork.SdpSession = call.SdpSession;
        fork.MediaEgressRealm = call.MediaEgressRealm;
        fork.Held = call.Held;
    }

    /// <summary>
    /// Ports that a branch opened are its call's, for those that the box forks to through the same realm.
    /// </summary>
    public static void Lend(ref CallState branch, ref CallState call)
    {
        if (call.HasMedia || !branch.HasMedia || branch.MediaIsShared) return;
        branch.MediaIsShared = call.HasMedia = true;
        call.Media = branch.Media;
        call.Streams = branch.Streams;
        call.SdpSession = branch.SdpSession;
        call.MediaEgressRealm = branch.MediaEgressRealm;
        call.Held = branch.Held;
        call.Legs[CallState.Egress].Flow = branch.Legs[CallState.Egress].Flow;
    }

    /// <summary>Whether a branch to that realm and address can use its call's ports.</summary>
    public static bool Fits(in CallState call, Realm realm, in TransportAddress address) => call.HasMedia &&
        call.MediaEgressRealm == realm.Id && call.Legs[CallState.Egress].Flow.IsIPv4 == address.IsIPv4;

    /// <summary>The early dialog that won has its branch's ports, where those are not the call's.</summary>
    public static void Give(ref CallState branch, ref CallState winner)
    {
        if (!branch.HasMedia || branch.MediaIsShared || !winner.HasMedia || winner.Media != branch.Media) return;
        winner.MediaIsShared = false;
        branch.MediaIsShared = true;
    }

    /// <summary>The early dialog becomes the call's, and so do its ports.</summary>
    public void Take(Handle handle, ref CallState call, ref CallState fork)
    {
        if (!fork.HasMedia) return;
        if (!fork.MediaIsShared)
        {
            // It brought the first offer itself (13.2.1), and so the ports are of its own.
            Close(handle);
            call.Media = fork.Media;
            call.SdpSession = fork.SdpSession;
            call.MediaEgressRealm = fork.MediaEgressRealm;
            call.HasMedia = true;
        }
        call.Streams = fork.Streams;
        call.Held = fork.Held;
        fork.HasMedia = false;
    }

    /// <summary>What media workers tell: a call whose media fell silent ends.</summary>
    public void TakeEvents()
    {
        if (client is null || (!client.HasWork && !client.IsCloseWaiting)) return;
        foreach (ref readonly MediaEvent happened in client.Drain(work.Now))
        {
            if (happened.Kind != RelayEventKind.Silent) continue;
            var handle = new Handle((int)(happened.Owner & int.MaxValue), (uint)(happened.Owner >> 32));
            if (!_calls.IsLive(handle)) continue;
            handle = _calls.Root(handle);
            work.CallAtWork = handle;
            _dialogs.End(handle, "Reason: SIP;cause=408;text=\"Media silent\"\r\n"u8);
        }
        // The media worker's ring was full: it drains it within its next turn.
        if (client.IsCloseWaiting && _timer == 0)
            _timer = work.Timers.Schedule(work.Now.AddMilliseconds(5), TimerKind.Media, Handle.None);
    }

    /// <summary>How a line of a call's media is doing; false where it has none, or nothing came yet.</summary>
    public bool TryMeasured(in CallState call, int line, out PortStatistics ingress, out PortStatistics egress)
    {
        ingress = egress = default;
        StreamState stream = call.Streams[line];
        return client is not null && call.HasMedia && stream.IsOpen
            && client.TryMeasured(call.Media, stream.Place, out ingress, out egress);
    }

    public void OnTimer()
    {
        _timer = 0;
        TakeEvents();
    }

    public void Flush() => client?.Flush();

    private bool IsAnchored(Handle handle, SipMessage message)
    {
        if (client is null || message.BodyLength == 0) return false;
        if (!IsSdp(message)) return false;
        ref CallState call = ref _calls[handle];
        Realm[] realms = work.Snapshot.Realms;
        return realms[call.Legs[0].Realm].Media is not null && realms[call.Legs[1].Realm].Media is not null;
    }

    /// <summary>
    /// Opens what is new, points the relay at what the description says, and rewrites it for the other leg.
    /// </summary>
    private bool TryAnchor(Handle handle, int fromLeg, ReadOnlySpan<byte> description, out ReadOnlySpan<byte> body)
    {
        body = default;
        ref CallState call = ref _calls[handle];
        // Capabilities in an answer to OPTIONS, or what comes when the session is over, open nothing.
        if (call.Kind != CallKind.Session) return false;
        if (call.HasMedia && call.MediaEgressRealm != call.Legs[CallState.Egress].Realm) Close(handle);
        call.MediaIsShared &= call.HasMedia;
        bool isFirst = !call.HasMedia;
        if (!TryOpen(ref call, handle)) return false;
        Direct(ref call, fromLeg, isFirst);
        int toLeg = 1 - fromLeg;
        for (int line = 0; line < _sdp.Media.Length; line++) _ports[line] = PortsOf(call, line, toLeg);
        ref LegState to = ref call.Legs[toLeg];
        RealmMedia media = work.Snapshot.Realms[to.Realm].Media!;
        bool isIPv6 = End(to).IsIPv6;
        ulong hash = work.Hash.Hash(description);
        // The version changes when the description does and not with its repetition in a 183 and a 200 (RFC 3264 8).
        if (hash != to.SdpHash)
        {
            to.SdpHash = hash;
            to.SdpVersion++;
        }
        var rewrite = new SdpRewrite(
            isIPv6 ? media.AdvertisedIPv6 : media.AdvertisedIPv4, call.SdpSession, to.SdpVersion);
        if (!SdpEditor.TryRewrite(_sdp, description, rewrite, _ports.AsSpan(0, _sdp.Media.Length), _body,
            out int written)) return false;
        body = _body.AsSpan(0, written);
        return true;
    }

    /// <summary>Opens a stream for each m-line that wants one and has none; all or none.</summary>
    private bool TryOpen(ref CallState call, Handle handle)
    {
        MediaEnd a = End(call.Legs[CallState.Ingress]), b = End(call.Legs[CallState.Egress]);
        int count = 0;
        for (int line = 0; line < Math.Min(_sdp.Media.Length, _lines.Length); line++)
        {
            ref readonly SdpMedia media = ref _sdp.Media[line];
            if (media.IsRejected || !media.Profile.IsDatagram() || call.Streams[line].IsOpen) continue;
            _setups[count] = new StreamSetup(KindOf(media.Profile));
            _lines[count++] = line;
        }
        if (count == 0) return call.HasMedia || _sdp.Media.Length == 0 || !_sdp.HasActiveMedia;
        if (!call.HasMedia)
        {
            // A fork may be gone when what it opened falls silent.
            Handle root = _calls.Root(handle);
            long owner = (uint)root.Index | ((long)root.Generation << 32);
            if (!client!.TryOpenSession(
                    owner, a, b, _setups.AsSpan(0, count), _opened, work.Now, out Handle session, out _)) return false;
            call.Media = session;
            call.HasMedia = true;
            call.MediaEgressRealm = call.Legs[CallState.Egress].Realm;
            call.SdpSession = work.NextRandom() >> 2;
            for (int i = 0; i < count; i++)
                call.Streams[_lines[i]] = new StreamState(i, _opened[i].A.Rtp, _opened[i].B.Rtp);
            return true;
        }
        for (int i = 0; i < count; i++)
        {
            if (!client!.TryAddStream(
                    call.Media, a, b, _setups[i], work.Now, out int stream, out StreamPorts ports, out _)) return false;
            call.Streams[_lines[i]] = new StreamState(stream, ports.A.Rtp, ports.B.Rtp);
        }
        return true;
    }

    private static StreamKind KindOf(SdpProfile profile) => profile switch
    {
        _ when !profile.IsRtp() => StreamKind.Datagram,
        _ when profile.IsDtls() => StreamKind.RtpOverDtls,
        SdpProfile.RtpSavp or SdpProfile.RtpSavpf => StreamKind.Srtp,
        _ => StreamKind.Rtp,
    };

    /// <summary>Tells the relay where the writer of the description receives, line by line.</summary>
    private void Direct(ref CallState call, int fromLeg, bool isFirst)
    {
        ref LegState from = ref call.Legs[fromLeg];
        Realm realm = work.Snapshot.Realms[from.Realm];
        MediaSide side = fromLeg == CallState.Ingress ? MediaSide.A : MediaSide.B;
        bool isHeld = true;
        for (int line = 0; line < Math.Min(_sdp.Media.Length, _lines.Length); line++)
        {
            ref readonly SdpMedia media = ref _sdp.Media[line];
            StreamState stream = call.Streams[line];
            if (!stream.IsOpen) continue;
            if (media.IsRejected)
            {
                // Before the answer another early dialog may want what this one refuses.
                bool isShared = call.MediaIsShared || (call.Phase == CallPhase.Setup && call.Forks > 0);
                if (!isShared) client!.CloseStream(call.Media, stream.Place);
                call.Streams[line] = default;
                continue;
            }
            isHeld &= media.IsHeld;
            var target = new StreamTarget
            {
                Rtp = media.Address,
                Rtcp = media.RtcpAddress,
                Signalling = from.Flow.WithPort(0),
                MaySend = MaySend(realm, media.Address, from.Flow),
                IsMuted = media.HasUnspecifiedConnection,
                IsMux = media.HasRtcpMux,
            };
            // A ring without room drops the change: the stream then waits for its latch, or keeps its target.
            client!.TrySetTarget(call.Media, stream.Place, side, target);
            if (!isFirst && call.Phase is CallPhase.Answered or CallPhase.Confirmed)
                client.TryAllow(call.Media, stream.Place, side);
        }
        call.Held = isHeld;
        if (call.Phase == CallPhase.Confirmed) Arm(ref call);
    }

    /// <summary>Silence ends a call from the answer on, and not while it is on hold.</summary>
    private void Arm(ref CallState call)
    {
        if (call.HasMedia) client!.TryArmSilence(call.Media, !call.Held);
    }

    /// <summary>An address in a stranger's SDP that is private, the core's or ours is never sent to unasked.</summary>
    private bool MaySend(Realm realm, in TransportAddress address, in TransportAddress signalling)
    {
        if (realm.Trusted || address.SameAddress(signalling)) return true;
        if (PrivateAddresses.Contains(address)) return false;
        foreach (Listener listener in work.Snapshot.Listeners)
        {
            if (listener.IsOwnAddress(address)) return false;
        }
        foreach (Peer peer in work.Snapshot.Peers)
        {
            if (peer.Realm.Trusted && peer.Address.SameAddress(address)) return false;
        }
        return true;
    }

    private static SdpMediaPorts PortsOf(in CallState call, int line, int toLeg)
    {
        if (line >= MediaLimits.StreamsPerSessionMax) return SdpMediaPorts.None;
        StreamState stream = call.Streams[line];
        if (!stream.IsOpen) return SdpMediaPorts.None;
        ushort port = toLeg == CallState.Ingress ? stream.IngressPort : stream.EgressPort;
        return new SdpMediaPorts(port, (ushort)(port + 1));
    }

    /// <summary>The family of a leg's media is that of its signalling, where the realm has it.</summary>
    private MediaEnd End(in LegState leg)
    {
        MediaRealm relay = work.Snapshot.Realms[leg.Realm].Media!.Relay;
        bool wantsIPv6 = !leg.Flow.IsIPv4;
        bool has = !(wantsIPv6 ? relay.IPv6 : relay.IPv4).IsNone;
        return new MediaEnd(relay, has ? wantsIPv6 : !wantsIPv6);
    }
}
