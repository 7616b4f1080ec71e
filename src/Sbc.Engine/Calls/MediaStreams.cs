using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Media;
using Sbc.Runtime;
using Sbc.Sip.Sdp;

namespace Sbc.Engine.Calls;

/// <summary>
/// The streams of a call by m-line: opened for an offer, directed when it has its answer, given back when it has not.
/// </summary>
public sealed class MediaStreams(Workspace work, MediaClient? client)
{
    private readonly MediaTargets _targets = new(work, client);
    private readonly SdpDescription _offered = new();
    private readonly StreamSetup[] _setups = new StreamSetup[Lines];
    private readonly StreamPorts[] _opened = new StreamPorts[Lines];
    private readonly int[] _lines = new int[Lines];

    private const int Lines = MediaLimits.StreamsPerSessionMax;

    /// <summary>
    /// Opens a stream for each m-line of an offer that wants one and has none, or one that does not fit; all or none.
    /// </summary>
    /// <param name="owner">The call, which hears of what happens: an early dialog may be gone by then.</param>
    public bool TryOpen(ref CallState call, Handle owner, int fromLeg, SdpDescription offer, out MediaError error)
    {
        error = MediaError.NoAddress;
        if (!TryChooseFamilies(ref call, fromLeg, offer)) return false;
        call.Former = call.Streams;
        int count = 0;
        for (int line = 0; line < Lines; line++)
        {
            if (line >= offer.Media.Length || !IsRelayed(call.Legs[fromLeg], offer.Media[line]))
            {
                call.Streams[line] = default;
                continue;
            }
            StreamShape shape = ShapeOf(call, offer.Media[line]);
            if (call.Streams[line].IsOpen && call.Streams[line].Shape == shape) continue;
            call.Streams[line] = default;
            _setups[count] = new StreamSetup(KindOf(offer.Media[line], true, true));
            _lines[count++] = line;
        }
        error = count == 0 ? MediaError.None : Open(ref call, owner, offer, count);
        if (error == MediaError.None) return true;
        call.Streams = call.Former;
        if (call.HasMedia) CloseUnused(ref call);
        return false;
    }

    /// <summary>
    /// Another early dialog of the same offer: streams in the same places, with ports of its own towards the caller.
    /// </summary>
    /// <param name="of">One that has its ports.</param>
    /// <param name="owner">The call, which hears of what happens.</param>
    /// <returns>False where there are no ports; nothing is changed then.</returns>
    public bool TryFork(in CallState of, ref CallState fork, Handle owner)
    {
        fork.Legs[CallState.Ingress].HasMediaFamily = true;
        fork.Legs[CallState.Ingress].MediaIsIPv6 = of.Legs[CallState.Ingress].MediaIsIPv6;
        if (!client!.TryOpenFork(
                of.Media, OwnerOf(owner), End(fork.Legs[CallState.Ingress]), _opened, work.Now, out Handle session,
                out _))
            return false;
        fork.HasMedia = true;
        fork.Media = session;
        fork.MediaEgressRealm = of.MediaEgressRealm;
        fork.Streams = of.Former;
        for (int line = 0; line < Lines; line++)
        {
            StreamState stream = of.Former[line];
            if (stream.IsOpen)
                fork.Streams[line] = new StreamState(
                    stream.Place, _opened[stream.Place].A.Rtp, stream.EgressPort, stream.Shape);
        }
        fork.Former = fork.Streams;
        return true;
    }

    /// <summary>The call as its streams know it, of all its early dialogs.</summary>
    public static long OwnerOf(Handle call) => (uint)call.Index | ((long)call.Generation << 32);

    private MediaError Open(ref CallState call, Handle owner, SdpDescription offer, int count)
    {
        MediaEnd a = End(call.Legs[CallState.Ingress]), b = End(call.Legs[CallState.Egress]);
        MediaError error;
        if (!call.HasMedia)
        {
            if (!client!.TryOpenSession(
                    OwnerOf(owner), a, b, _setups.AsSpan(0, count), _opened, work.Now, out Handle session, out error))
                return error;
            call.Media = session;
            call.HasMedia = true;
            call.MediaEgressRealm = call.Legs[CallState.Egress].Realm;
            for (int i = 0; i < count; i++) Place(ref call, offer, _lines[i], i, _opened[i]);
            return MediaError.None;
        }
        for (int i = 0; i < count; i++)
        {
            if (client!.TryAddStream(
                    call.Media, a, b, _setups[i], work.Now, out int stream, out StreamPorts ports, out error))
                Place(ref call, offer, _lines[i], stream, ports);
            // One line too many for a call is refused alone.
            else if (error != MediaError.TooManyStreams) return error;
        }
        return MediaError.None;
    }

    private static void Place(
        ref CallState call, SdpDescription offer, int line, int stream, in StreamPorts ports) =>
        call.Streams[line] = new StreamState(stream, ports.A.Rtp, ports.B.Rtp, ShapeOf(call, offer.Media[line]));

    private static StreamShape ShapeOf(in CallState call, in SdpMedia media)
    {
        return new StreamShape(
            media.IsRtp, call.Legs[CallState.Ingress].MediaIsIPv6, call.Legs[CallState.Egress].MediaIsIPv6);
    }

    /// <summary>
    /// Keys and fingerprints may stand beside a profile in the clear: best effort (RFC 8643), in force where both ends
    /// have them. Whoever offers alone is taken at its word.
    /// </summary>
    private static StreamKind KindOf(in SdpMedia media, bool hasOtherCrypto, bool hasOtherFingerprint)
    {
        if (!media.IsRtp) return StreamKind.Datagram;
        if (media.Profile.IsDtls() || (media.HasFingerprint && hasOtherFingerprint)) return StreamKind.RtpOverDtls;
        bool isSecure = media.Profile is SdpProfile.RtpSavp or SdpProfile.RtpSavpf
            || (media.HasCrypto && hasOtherCrypto);
        return isSecure ? StreamKind.Srtp : StreamKind.Rtp;
    }

    private static bool IsRelayed(in LegState from, in SdpMedia media) =>
        !media.IsRejected && media.Profile.IsDatagram() &&
        (media.Address.IsNone || media.Address.IsIPv4 != from.MediaIsIPv6);

    /// <summary>
    /// Who offers says where it receives; the other end gets the family of its signalling, where the realm has it.
    /// </summary>
    private bool TryChooseFamilies(ref CallState call, int fromLeg, SdpDescription offer)
    {
        ref LegState from = ref call.Legs[fromLeg];
        ref LegState to = ref call.Legs[1 - fromLeg];
        bool isIPv6 = from.HasMediaFamily ? from.MediaIsIPv6 : !from.Flow.IsIPv4;
        bool isSaid = false;
        foreach (ref readonly SdpMedia media in offer.Media)
        {
            if (isSaid || media.Address.IsNone) continue;
            isSaid = true;
            isIPv6 = !media.Address.IsIPv4;
        }
        if (!Has(from, isIPv6))
        {
            if (isSaid) return false;
            isIPv6 = !isIPv6;
        }
        (from.HasMediaFamily, from.MediaIsIPv6) = (true, isIPv6);
        if (!to.HasMediaFamily) to.MediaIsIPv6 = Has(to, !to.Flow.IsIPv4) ? !to.Flow.IsIPv4 : to.Flow.IsIPv4;
        to.HasMediaFamily = true;
        return true;
    }

    private bool Has(in LegState leg, bool isIPv6)
    {
        MediaRealm relay = work.Snapshot.Realms[leg.Realm].Media!.Relay;
        return !(isIPv6 ? relay.IPv6 : relay.IPv4).IsNone;
    }

    private MediaEnd End(in LegState leg) => new(work.Snapshot.Realms[leg.Realm].Media!.Relay, leg.MediaIsIPv6);

    public static bool HasStream(in CallState call)
    {
        for (int line = 0; line < Lines; line++)
        {
            if (call.Streams[line].IsOpen) return true;
        }
        return false;
    }

    /// <summary>An answer came: what was offered counts now, and what either of the two refuses is over.</summary>
    public void Apply(ref CallState call, int fromLeg, SdpDescription answer, ReadOnlySpan<byte> text)
    {
        if (!call.IsNegotiated)
        {
            call.Streams = call.Former;
        }
        else if (!call.Offered.IsNone)
        {
            Span<byte> offered = work.Buffers.Bytes(call.Offered);
            bool isRead = _offered.TryParse(offered, out _);
            Check.That(isRead);
            Direct(ref call, 1 - fromLeg, _offered, offered);
        }
        for (int line = 0; line < Lines; line++)
        {
            bool isRefused = line >= answer.Media.Length || answer.Media[line].IsRejected;
            if (!isRefused || !call.Streams[line].IsOpen) continue;
            // It stays open as long as another answer may want it, and nothing goes to whom does not.
            if (call.Phase == CallPhase.Setup) Mute(call, fromLeg, call.Streams[line]);
            call.Streams[line] = default;
        }
        Direct(ref call, fromLeg, answer, text);
    }

    private void Mute(in CallState call, int leg, StreamState stream) => client!.TrySetTarget(
        call.Media, stream.Place, SideOf(leg),
        new StreamTarget { IsMuted = true, Signalling = call.Legs[leg].Flow.WithPort(0) });

    private static MediaSide SideOf(int leg) => leg == CallState.Ingress ? MediaSide.A : MediaSide.B;

    /// <summary>Tells the relay where the writer of the description receives, line by line.</summary>
    public void Direct(ref CallState call, int leg, SdpDescription sdp, ReadOnlySpan<byte> text)
    {
        ref LegState from = ref call.Legs[leg];
        ref readonly LegState other = ref call.Legs[1 - leg];
        MediaSide side = SideOf(leg);
        bool mayMove = call.IsNegotiated && call.Phase is CallPhase.Answered or CallPhase.Confirmed;
        bool isAnswer = call.Offer is OfferState.FromIngress or OfferState.FromEgress &&
            (call.Offer == OfferState.FromIngress) != (leg == CallState.Ingress);
        bool isAlone = !call.IsNegotiated && !isAnswer;
        from.HeldLines = from.CryptoLines = from.FingerprintLines = 0;
        for (int line = 0; line < Math.Min(sdp.Media.Length, Lines); line++)
        {
            ref readonly SdpMedia media = ref sdp.Media[line];
            StreamState stream = call.Streams[line];
            if (!stream.IsOpen || media.IsRejected) continue;
            byte bit = (byte)(1 << line);
            if (media.Direction != SdpDirection.SendReceive || media.HasUnspecifiedConnection) from.HeldLines |= bit;
            if (media.HasCrypto) from.CryptoLines |= bit;
            if (media.HasFingerprint) from.FingerprintLines |= bit;
            // What was not offered cannot be accepted (RFC 5761 5.1.1).
            bool isMux = media.HasRtcpMux && (!isAnswer || (other.MuxLines & bit) != 0);
            StreamTarget target = _targets.Of(call, leg, stream, media, SdpRate.Of(sdp, text, line), isMux) with
            {
                Kind = KindOf(
                    media, isAlone || (other.CryptoLines & bit) != 0, isAlone || (other.FingerprintLines & bit) != 0),
            };
            // A ring without room drops the change: the stream then waits for its latch, or keeps its target.
            client!.TrySetTarget(call.Media, stream.Place, side, target);
            if (mayMove) client.TryAllow(call.Media, stream.Place, side);
        }
    }

    /// <summary>The offer was refused, or never answered: the session is what it was (RFC 3261 14.1).</summary>
    public void Restore(ref CallState call)
    {
        work.Buffers.Return(ref call.Offered);
        if (!call.IsNegotiated) return;
        call.Streams = call.Former;
        for (int line = 0; line < Lines; line++)
        {
            if (!call.Streams[line].IsOpen) continue;
            call.Legs[CallState.Ingress].MediaIsIPv6 = call.Streams[line].Shape.IsIngressIPv6;
            call.Legs[CallState.Egress].MediaIsIPv6 = call.Streams[line].Shape.IsEgressIPv6;
        }
        CloseUnused(ref call);
    }

    /// <summary>
    /// Closes the relay's streams that no m-line has. Not before the answer: other early dialogs may want them.
    /// </summary>
    public void CloseUnused(ref CallState call)
    {
        if (!call.HasMedia || call.Phase == CallPhase.Setup) return;
        int used = 0;
        for (int line = 0; line < Lines; line++)
        {
            if (call.Streams[line].IsOpen) used |= 1 << call.Streams[line].Place;
        }
        for (int place = 0; place < Lines; place++)
        {
            if ((used & (1 << place)) == 0) client!.CloseStream(call.Media, place);
        }
        // What is closed is nothing to go back to: its ports and its place are another's soon.
        call.Former = call.Streams;
    }

    /// <summary>
    /// Silence ends a call from the answer on, and not while one of its ends holds all that is left of it.
    /// </summary>
    public void Arm(ref CallState call)
    {
        if (!call.HasMedia) return;
        int held = call.Legs[CallState.Ingress].HeldLines | call.Legs[CallState.Egress].HeldLines;
        bool isHeld = true;
        for (int line = 0; line < Lines; line++)
            isHeld &= !call.Streams[line].IsOpen || (held & (1 << line)) != 0;
        client!.TryArmSilence(call.Media, !isHeld);
    }
}
