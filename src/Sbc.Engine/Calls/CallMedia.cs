using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Media;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Sdp;

namespace Sbc.Engine.Calls;

/// <summary>The media of calls: descriptions on their way between the legs, and what they do to streams.</summary>
/// <remarks>
/// Where one of a call's realms has no media, its bodies pass as they are. An offer within a session changes nothing
/// but opens ports until its answer comes, so that a refused one has nothing to undo (RFC 3261 14.1).
/// </remarks>
public sealed class CallMedia(Workspace work, MediaClient? client)
{
    private readonly BodyFilter _others = new();
    private readonly MediaStreams _streams = new(work, client);
    private readonly SdpWriter _writer = new(work);
    private readonly SdpDescription _sdp = new();
    private readonly MediaRefusal _refusal = new();
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

    /// <summary>Header lines for the response that refuses what <see cref="TryRequestBody"/> refused last.</summary>
    public ReadOnlySpan<byte> RefusalLines(int code) => _refusal.Lines(code);

    /// <summary>The body that goes to the other leg in place of this request's.</summary>
    /// <param name="refusal">On false: the response that refuses the request.</param>
    public bool TryRequestBody(
        Handle handle, int fromLeg, SipMessage request, scoped HostMap map, out ReadOnlySpan<byte> body,
        out int refusal)
    {
        bool isDone = TryBody(handle, fromLeg, request, map, out body, out refusal);
        if (request.Method != SipMethod.Ack) return isDone;
        // Until then the 2xx may come again, and is written again.
        work.Buffers.Return(ref _calls[handle].EarlyAnswer);
        if (_calls[handle].Offer == OfferState.None) work.Buffers.Return(ref _calls[handle].Offered);
        return isDone;
    }

    private bool TryBody(
        Handle handle, int fromLeg, SipMessage request, scoped HostMap map, out ReadOnlySpan<byte> body,
        out int refusal)
    {
        refusal = 0;
        body = default;
        ref CallState call = ref _calls[handle];
        SipMethod method = request.Method;
        bool isInitial = method == SipMethod.Invite && call.Phase == CallPhase.Setup;
        if (isInitial) Begin(ref call);
        bool isAnchored = IsAnchored(call);
        SessionPart part = isAnchored ? SessionPart.Of(request) : default;
        if (part.Kind is SessionPartKind.None or SessionPartKind.Omitted)
        {
            // An INVITE without an offer asks for one, and so counts as one.
            if (isAnchored && method == SipMethod.Invite && !isInitial) refusal = OfferRules.GlareOf(call, fromLeg);
            if (refusal != 0) return false;
            if (isAnchored) OnRequestWithout(ref call, fromLeg, method);
            if (part.Kind == SessionPartKind.None) body = _others.Apply(request, map, omits: isAnchored);
            if (!isAnchored) Remember(ref call, fromLeg, OfferRules.RoleOf(call, fromLeg, method), request, body);
            return true;
        }
        ReadOnlySpan<byte> text = default;
        refusal = part.Kind == SessionPartKind.Found
            ? Take(handle, fromLeg, request, part, isInitial, map, out text)
            : _refusal.Of(part.Kind);
        if (refusal != 0) return false;
        body = _others.Replace(request, part, text, map);
        return true;
    }

    /// <returns>0, or the response that refuses the request.</returns>
    private int Take(
        Handle handle, int fromLeg, SipMessage request, SessionPart part, bool isInitial, scoped HostMap map,
        out ReadOnlySpan<byte> text)
    {
        text = request.Body.Slice(part.Start, part.Length);
        ref CallState call = ref _calls[handle];
        if (!_sdp.TryParse(text, out SdpError error)) return _refusal.Of(error);
        SdpRole role = OfferRules.RoleOf(call, fromLeg, request.Method);
        int refusal = role == SdpRole.Offer && !isInitial ? OfferRules.GlareOf(call, fromLeg) : 0;
        if (refusal != 0) return refusal;
        if (!_writer.TryAlign(call, fromLeg, role, _sdp, ref text)) return 413;
        // An answer of which nothing is left is one all the same: none of its lines has a port.
        bool isLeft = _writer.TryFilter(call, fromLeg, role, _sdp, ref text);
        if (!isLeft && role == SdpRole.Offer) return _refusal.OfCodecs();
        if (role == SdpRole.Offer) refusal = TakeOffer(handle, fromLeg, isInitial, text);
        if (refusal != 0) return refusal;
        if (role == SdpRole.Offer)
        {
            CSeqValue.TryParse(request.Value(HeaderName.CSeq), out CSeqValue cseq);
            call.OfferMethod = request.Method;
            call.OfferCSeq = cseq.Number;
        }
        if (role == SdpRole.Answer) TakeAnswer(ref call, fromLeg, text);
        if (_writer.TryHideNames(call, OwnerOf(handle), fromLeg, _sdp, ref text)
            && _writer.TryWrite(ref call, 1 - fromLeg, role, _sdp, text, map, out text))
        {
            Remember(ref call, fromLeg, role, request, text);
            return 0;
        }
        if (role == SdpRole.Offer) EndOffer(ref call);
        return 413;
    }

    private long OwnerOf(Handle handle) => MediaStreams.OwnerOf(_calls.Root(handle));

    /// <summary>
    /// The body that goes to the other leg in place of this response's; empty where it cannot be understood.
    /// </summary>
    /// <param name="asked">CSeq number of the request that it answers, as its sender counts; 0: not known.</param>
    public ReadOnlySpan<byte> ResponseBody(
        Handle handle, int fromLeg, uint asked, SipMessage response, scoped HostMap map)
    {
        ref CallState call = ref _calls[handle];
        ReadOnlySpan<byte> body;
        CSeqValue.TryParse(response.Value(HeaderName.CSeq), out CSeqValue cseq);
        SipMethod method = cseq.Method;
        bool isItsOffer = OfferRules.IsItsOffer(call, fromLeg, method, asked);
        SdpRole role = OfferRules.RoleOf(call, fromLeg, method, response, isItsOffer);
        if (!IsAnchored(call))
        {
            body = _others.Apply(response, map, omits: false);
            Remember(ref call, fromLeg, role, response, body);
            return body;
        }
        SessionPart part = SessionPart.Of(response);
        ReadOnlySpan<byte> text = part.Kind == SessionPartKind.Found
            ? response.Body.Slice(part.Start, part.Length)
            : default;
        if (part.Kind != SessionPartKind.Found || !_sdp.TryParse(text, out _))
        {
            OnResponseWithout(ref call, fromLeg, method, asked, response.StatusCode);
            return part.Kind == SessionPartKind.None ? _others.Apply(response, map, omits: true) : default;
        }
        if (response.StatusCode >= 300) OnRefused(ref call, fromLeg, method, asked);
        if (!_writer.TryAlign(call, fromLeg, role, _sdp, ref text)) return default;
        _writer.TryFilter(call, fromLeg, role, _sdp, ref text);
        if (role == SdpRole.Offer)
        {
            // Ports that are all in use: there is no session to be had, and its INVITE ends without an answer.
            bool isNew = call.Offer != OfferRules.From(fromLeg);
            if (isNew && TakeOffer(handle, fromLeg, !call.IsNegotiated, text) != 0) return default;
            call.OfferMethod = method;
        }
        if (role is SdpRole.Answer or SdpRole.EarlyAnswer) TakeAnswer(ref call, fromLeg, text, role);
        ulong version = call.Legs[1 - fromLeg].SdpVersion;
        if (!_writer.TryHideNames(call, OwnerOf(handle), fromLeg, _sdp, ref text)
            || !_writer.TryWrite(ref call, 1 - fromLeg, role, _sdp, text, map, out ReadOnlySpan<byte> written))
            return default;
        // After the answer there is nothing to say (13.2.1); who says something else all the same means it.
        if (role == SdpRole.Repetition && version != call.Legs[1 - fromLeg].SdpVersion)
            _streams.Direct(ref call, fromLeg, _sdp, text);
        Remember(ref call, fromLeg, role, response, written);
        return _others.Replace(response, part, written, map);
    }

    /// <summary>A first INVITE, or the same again to another target.</summary>
    private void Begin(ref CallState call)
    {
        call.IsNegotiated = false;
        call.Offer = OfferState.None;
        call.Legs[CallState.Egress].HasMediaFamily = false;
        work.Buffers.Return(ref call.EarlyAnswer);
        work.Buffers.Return(ref call.Offered);
    }

    private int TakeOffer(Handle handle, int fromLeg, bool isInitial, ReadOnlySpan<byte> text)
    {
        ref CallState call = ref _calls[handle];
        if (call.HasMedia && isInitial && call.MediaEgressRealm != call.Legs[CallState.Egress].Realm) Close(handle);
        call.MediaIsShared &= call.HasMedia;
        if (!_streams.TryOpen(ref call, _calls.Root(handle), fromLeg, _sdp, out MediaError error))
            return _refusal.Of(error);
        call.Offer = OfferRules.From(fromLeg);
        if (_sdp.HasActiveMedia && !MediaStreams.HasStream(call))
        {
            EndOffer(ref call);
            return _refusal.OfMedia();
        }
        call.Legs[fromLeg].MuxLines = MuxLines();
        call.OfferedLines = SdpAlignment.LinesOf(_sdp);
        if (call.Phase != CallPhase.Setup) work.Buffers.Return(ref call.EarlyAnswer);
        work.Buffers.Return(ref call.Offered);
        if (!work.Buffers.TryStore(text, out call.Offered))
        {
            EndOffer(ref call);
            return 503;
        }
        if (call.IsNegotiated) return 0;
        // Nothing is there that a refusal could go back to, and early media may come before any answer.
        call.Former = call.Streams;
        _streams.Direct(ref call, fromLeg, _sdp, text);
        return 0;
    }

    private byte MuxLines()
    {
        int lines = 0;
        for (int line = 0; line < Math.Min(_sdp.Media.Length, MediaLimits.StreamsPerSessionMax); line++)
            lines |= _sdp.Media[line].HasRtcpMux ? 1 << line : 0;
        return (byte)lines;
    }

    private void TakeAnswer(
        ref CallState call, int fromLeg, ReadOnlySpan<byte> text, SdpRole role = SdpRole.Answer)
    {
        _streams.Apply(ref call, fromLeg, _sdp, text);
        if (call.Phase == CallPhase.Setup)
        {
            // What the callee said last: its answer, or its offer that the caller has answered.
            work.Buffers.Return(ref call.EarlyAnswer);
            if (fromLeg == CallState.Ingress) text = work.Buffers.Bytes(call.Offered);
            if (text.Length > 0) work.Buffers.TryStore(text, out call.EarlyAnswer);
        }
        if (role == SdpRole.Answer) Settle(ref call);
    }

    /// <summary>Offer and answer are there: what they say is the session.</summary>
    private void Settle(ref CallState call)
    {
        call.Offer = OfferState.None;
        call.IsNegotiated = true;
        if (call.OfferMethod != SipMethod.Invite) work.Buffers.Return(ref call.Offered);
        work.Buffers.Return(ref call.FormerDescription);
        _streams.CloseUnused(ref call);
        if (call.Phase == CallPhase.Confirmed) _streams.Arm(ref call);
    }

    /// <summary>The offer came to nothing.</summary>
    private void EndOffer(ref CallState call)
    {
        if (!call.FormerDescription.IsNone)
        {
            ref BufferRef said = ref call.Legs[call.Offer == OfferState.FromIngress ? 1 : 0].Description;
            (said, call.FormerDescription) = (call.FormerDescription, said);
            work.Buffers.Return(ref call.FormerDescription);
        }
        call.Offer = OfferState.None;
        _streams.Restore(ref call);
    }

    private void OnRequestWithout(ref CallState call, int fromLeg, SipMethod method)
    {
        if (method == SipMethod.Invite) call.Offer = OfferRules.Wanted(1 - fromLeg);
        // The answer was due in it; without one there is no new session.
        else if (method == SipMethod.Ack && OfferRules.IsOfInvite(call, 1 - fromLeg)) EndOffer(ref call);
    }

    private void OnResponseWithout(ref CallState call, int fromLeg, SipMethod method, uint asked, int code)
    {
        if (code < 200) return;
        if (code >= 300)
        {
            OnRefused(ref call, fromLeg, method, asked);
            return;
        }
        bool isOpen = OfferRules.IsItsOffer(call, fromLeg, method, asked);
        if (method == SipMethod.Invite && !call.EarlyAnswer.IsNone)
        {
            // Of several early dialogs this one has the call: the relay may be at another one's answer.
            Span<byte> early = work.Buffers.Bytes(call.EarlyAnswer);
            bool isRead = _sdp.TryParse(early, out _);
            Check.That(isRead);
            if (isOpen) TakeAnswer(ref call, fromLeg, early);
            else _streams.Direct(ref call, fromLeg, _sdp, early);
        }
        else if (isOpen || (method == SipMethod.Invite && call.Offer == OfferRules.Wanted(fromLeg)))
        {
            EndOffer(ref call);
        }
    }

    /// <summary>A request within the dialog was refused, or nobody answered it.</summary>
    /// <param name="fromLeg">The leg that refused.</param>
    /// <param name="asked">As in <see cref="ResponseBody"/>.</param>
    public void OnRefused(Handle handle, int fromLeg, SipMethod method, uint asked) =>
        OnRefused(ref _calls[handle], fromLeg, method, asked);

    private void OnRefused(ref CallState call, int fromLeg, SipMethod method, uint asked)
    {
        bool isItsOffer = OfferRules.IsItsOffer(call, fromLeg, method, asked);
        if (isItsOffer || (method == SipMethod.Invite && call.Offer == OfferRules.Wanted(fromLeg))) EndOffer(ref call);
    }

    /// <summary>
    /// The box said again what the other end had said, and this is the answer: its writer may have moved meanwhile.
    /// </summary>
    public void OnRefreshed(Handle handle, int fromLeg, SipMessage response)
    {
        ref CallState call = ref _calls[handle];
        if (!IsAnchored(call) || !call.HasMedia || call.Offer != OfferState.None) return;
        SessionPart part = SessionPart.Of(response);
        if (part.Kind != SessionPartKind.Found) return;
        ReadOnlySpan<byte> text = response.Body.Slice(part.Start, part.Length);
        if (!_sdp.TryParse(text, out _)) return;
        _streams.Direct(ref call, fromLeg, _sdp, text);
        _streams.Arm(ref call);
    }

    /// <summary>
    /// Where the box refreshes the session it may have to say again what it said last (RFC 4028 7.4).
    /// </summary>
    private void Remember(
        ref CallState call, int fromLeg, SdpRole role, SipMessage message, ReadOnlySpan<byte> description)
    {
        if (call.SessionSeconds == 0 || description.Length == 0 || role == SdpRole.Capabilities) return;
        if (!IsAnchored(call) && !ContentTypes.Is(message.Value(HeaderName.ContentType), "application/sdp"u8)) return;
        int leg = 1 - fromLeg;
        ref BufferRef kept = ref call.Legs[leg].Description;
        // An offer may be refused: then what was said before it holds.
        if (call.IsNegotiated && call.Offer == OfferRules.From(1 - leg) && call.FormerDescription.IsNone)
            (call.FormerDescription, kept) = (kept, BufferRef.None);
        work.Buffers.Return(ref kept);
        work.Buffers.TryStore(description, out kept);
    }

    public void OnAnswered(Handle handle)
    {
        ref CallState call = ref _calls[handle];
        _streams.CloseUnused(ref call);
        _streams.Arm(ref call);
    }

    public void Close(Handle handle)
    {
        ref CallState call = ref _calls[handle];
        work.Buffers.Return(ref call.Offered);
        work.Buffers.Return(ref call.EarlyAnswer);
        if (!call.HasMedia) return;
        call.HasMedia = false;
        if (!call.MediaIsShared) client!.Close(call.Media);
        call.Streams = call.Former = default;
    }

    /// <summary>
    /// An early dialog begins with the INVITE's offer open. The ports that the offer named are all dialogs', those
    /// towards the caller are its own.
    /// </summary>
    /// <param name="handle">The early dialog.</param>
    /// <param name="branch">What sent the INVITE.</param>
    /// <param name="invite">What was sent; null where it is not known any more.</param>
    public void Share(Handle handle, Handle branch, SipMessage? invite)
    {
        ref CallState fork = ref _calls[handle];
        ref CallState sent = ref _calls[branch];
        SessionPart part = invite is null ? default : SessionPart.Of(invite);
        bool hasOffer = invite is null || part.Kind == SessionPartKind.Found;
        fork.SdpSession = sent.SdpSession;
        fork.Offer = hasOffer ? OfferState.FromIngress : OfferState.WantedFromEgress;
        fork.OfferMethod = SipMethod.Invite;
        if (part.Kind == SessionPartKind.Found)
        {
            // As it was written for the callees: its lines are the caller's.
            ReadOnlySpan<byte> text = invite!.Body.Slice(part.Start, part.Length);
            if (_sdp.TryParse(text, out _)) work.Buffers.TryStore(text, out fork.Offered);
            fork.OfferedLines = SdpAlignment.LinesOf(_sdp);
        }
        if (!sent.HasMedia || !hasOffer || _streams.TryFork(sent, ref fork, _calls.Root(handle))) return;
        // No ports are left, or too many share them already: it has those of the first, and the newest answer wins.
        fork.HasMedia = fork.MediaIsShared = true;
        fork.Media = sent.Media;
        fork.Streams = fork.Former = sent.Former;
        fork.MediaEgressRealm = sent.MediaEgressRealm;
    }

    /// <summary>
    /// A branch goes out with the ports that another one's offer named where both leave through the same realm.
    /// </summary>
    public void ShareWithBranches(Handle branch, Realm realm, in TransportAddress address)
    {
        Handle root = _calls.Root(branch);
        for (Handle each = _calls[root].NextFork; !each.IsNone; each = _calls[each].NextFork)
        {
            ref CallState other = ref _calls[each];
            if (each == branch || !other.IsBranch || !other.HasMedia || other.MediaEgressRealm != realm.Id) continue;
            if (other.Legs[CallState.Egress].Flow.IsIPv4 != address.IsIPv4) continue;
            if (_streams.TryFork(other, ref _calls[branch], root)) return;
        }
    }

    /// <summary>The early dialog becomes the call's, and so do its ports.</summary>
    /// <param name="handle">The call.</param>
    /// <param name="winner">The early dialog, or a branch.</param>
    /// <param name="branch">What sent the INVITE that it answers.</param>
    public void Take(Handle handle, Handle winner, Handle branch)
    {
        ref CallState fork = ref _calls[winner];
        Handle holder = fork.HasMedia && fork.MediaIsShared ? branch : winner;
        if (holder != handle) Close(handle);
        ref CallState call = ref _calls[handle];
        (call.EarlyAnswer, fork.EarlyAnswer) = (fork.EarlyAnswer, call.EarlyAnswer);
        (call.Offered, fork.Offered) = (fork.Offered, call.Offered);
        call.Offer = fork.Offer;
        call.OfferMethod = fork.OfferMethod;
        call.OfferCSeq = fork.OfferCSeq;
        call.OfferedLines = fork.OfferedLines;
        call.IsNegotiated = fork.IsNegotiated;
        call.SdpSession = fork.SdpSession;
        if (!fork.HasMedia) return;
        call.Media = fork.Media;
        call.MediaEgressRealm = fork.MediaEgressRealm;
        call.Streams = fork.Streams;
        call.Former = fork.Former;
        _calls[holder].HasMedia = fork.HasMedia = fork.MediaIsShared = false;
        call.HasMedia = true;
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

    private bool IsAnchored(in CallState call)
    {
        Realm[] realms = work.Snapshot.Realms;
        return client is not null &&
            realms[call.Legs[0].Realm].Media is not null && realms[call.Legs[1].Realm].Media is not null;
    }
}
