using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Media;
using Sbc.Runtime;
using Sbc.Sip.Sdp;

namespace Sbc.Engine.Calls;

/// <summary>
/// Writes descriptions for a leg: the lines that were offered, codecs as realms and route want them, our addresses,
/// ports and o= in place of theirs.
/// </summary>
public sealed class SdpWriter(Workspace work)
{
    private readonly SdpCodecFilter _filter = new();
    private readonly BodyFilter _people = new();
    private readonly SdpDescription _offer = new();
    private readonly SdpCodecPolicy?[] _policies = new SdpCodecPolicy?[3];
    private readonly SdpMediaPorts[] _ports = new SdpMediaPorts[SdpLimits.MediaMax];
    private readonly byte[] _aligned = new byte[SdpLimits.BodyBytesMax];
    private readonly byte[] _filtered = new byte[SdpLimits.BodyBytesMax];
    private readonly byte[] _named = new byte[SdpLimits.BodyBytesMax];
    private readonly byte[] _body = new byte[SdpLimits.BodyBytesMax];

    /// <summary>
    /// Gives an answer the lines that were offered, and its repetition the same.
    /// </summary>
    /// <param name="sdp">The parsed text; of the aligned one afterwards.</param>
    /// <returns>False where it cannot be made one.</returns>
    public bool TryAlign(
        in CallState call, int fromLeg, SdpRole role, SdpDescription sdp, scoped ref ReadOnlySpan<byte> text)
    {
        if (role is SdpRole.Offer or SdpRole.Capabilities) return true;
        BufferRef lines = call.Offered;
        if (lines.IsNone && fromLeg == CallState.Egress) lines = call.EarlyAnswer;
        if (lines.IsNone || SdpAlignment.LinesOf(sdp) == call.OfferedLines) return true;
        Span<byte> offered = work.Buffers.Bytes(lines);
        bool isRead = _offer.TryParse(offered, out _);
        Check.That(isRead);
        if (!SdpAlignment.TryApply(_offer, offered, sdp, text, _aligned, out int written)) return false;
        text = _aligned.AsSpan(0, written);
        return sdp.TryParse(text, out _);
    }

    /// <summary>Gives sources the names that they have in RTCP, where strangers read it.</summary>
    /// <param name="owner">The call as its streams know it.</param>
    /// <param name="sdp">The parsed text; of the one with other names afterwards.</param>
    public bool TryHideNames(
        in CallState call, long owner, int fromLeg, SdpDescription sdp, scoped ref ReadOnlySpan<byte> text)
    {
        RealmMedia to = work.Snapshot.Realms[call.Legs[1 - fromLeg].Realm].Media!;
        if (!to.Relay.ReducesRtcp || !SourceNames.AreIn(text) || IsSecured(sdp)) return true;
        text = SourceNames.Hide(text, new CanonicalNames(work.Hash), owner, _named);
        return sdp.TryParse(text, out _);
    }

    /// <summary>Leaves the codecs that both realms and the route permit.</summary>
    /// <param name="sdp">The parsed text; of the filtered one afterwards.</param>
    /// <returns>False where nothing is left to talk over.</returns>
    public bool TryFilter(
        in CallState call, int fromLeg, SdpRole role, SdpDescription sdp, scoped ref ReadOnlySpan<byte> text)
    {
        Realm to = work.Snapshot.Realms[call.Legs[1 - fromLeg].Realm];
        _policies[0] = work.Snapshot.Realms[call.Legs[fromLeg].Realm].Codecs;
        _policies[1] = to.Codecs;
        _policies[2] = work.Snapshot.RouteById(call.Route)?.Codecs;
        if (_policies[0] is null && _policies[1] is null && _policies[2] is null) return true;
        SdpCodecPolicy? order = _policies[2] is { Order.Length: > 0 } ? _policies[2] : to.Codecs;
        bool wasActive = sdp.HasActiveMedia;
        // An answer's order is the answerer's own preference (RFC 3264 6.1).
        if (!_filter.TryApply(
                sdp, text, _policies, role == SdpRole.Offer ? order : null, _filtered, out int written)) return false;
        text = _filtered.AsSpan(0, written);
        return sdp.TryParse(text, out _) && (sdp.HasActiveMedia || !wasActive);
    }

    /// <summary>The description as <paramref name="toLeg"/> is sent it; valid until the next one.</summary>
    /// <remarks>
    /// The version of o= goes up when the text differs from the last one that this leg was sent, and only then: its
    /// repetition in a 200 after a 183 is no new description (RFC 3264 8). Nor are capabilities one: the session is
    /// what it was.
    /// </remarks>
    public bool TryWrite(
        ref CallState call, int toLeg, SdpRole role, SdpDescription sdp, ReadOnlySpan<byte> text, scoped HostMap map,
        out ReadOnlySpan<byte> written)
    {
        SetPorts(call, toLeg, role, sdp.Media.Length);
        if (call.SdpSession == 0) call.SdpSession = (work.NextRandom() >> 2) | 1;
        ref LegState to = ref call.Legs[toLeg];
        bool isFirst = to.SdpVersion == 0;
        if (role == SdpRole.Capabilities) return TryRender(call, toLeg, sdp, text, map, out written);
        if (isFirst) to.SdpVersion = 1;
        if (!TryRender(call, toLeg, sdp, text, map, out written)) return false;
        ulong hash = HashOf(written);
        if (isFirst || hash == to.SdpHash)
        {
            to.SdpHash = hash;
            return true;
        }
        to.SdpHash = hash;
        to.SdpVersion++;
        return TryRender(call, toLeg, sdp, text, map, out written);
    }

    private void SetPorts(in CallState call, int toLeg, SdpRole role, int lines)
    {
        // In an answer: what the receiver offered.
        byte muxOffered = role is SdpRole.Offer or SdpRole.Capabilities ? (byte)0 : call.Legs[toLeg].MuxLines;
        for (int line = 0; line < lines; line++)
        {
            _ports[line] = SdpMediaPorts.None;
            if (role == SdpRole.Capabilities || line >= MediaLimits.StreamsPerSessionMax) continue;
            StreamState stream = call.Streams[line];
            if (!stream.IsOpen) continue;
            ushort port = toLeg == CallState.Ingress ? stream.IngressPort : stream.EgressPort;
            _ports[line] = new SdpMediaPorts(port, (ushort)(port + 1), (muxOffered & (1 << line)) != 0);
        }
    }

    private bool TryRender(
        in CallState call, int toLeg, SdpDescription sdp, ReadOnlySpan<byte> text, scoped HostMap map,
        out ReadOnlySpan<byte> written)
    {
        ref readonly LegState to = ref call.Legs[toLeg];
        RealmMedia media = work.Snapshot.Realms[to.Realm].Media!;
        bool isIPv6 = to.HasMediaFamily ? to.MediaIsIPv6 : media.AdvertisedIPv4.IsNone;
        var rewrite = new SdpRewrite(
            isIPv6 ? media.AdvertisedIPv6 : media.AdvertisedIPv4, call.SdpSession + (ulong)toLeg, to.SdpVersion);
        written = default;
        if (!SdpEditor.TryRewrite(
                sdp, text, rewrite, _ports.AsSpan(0, sdp.Media.Length), _body, out int length)) return false;
        ReadOnlySpan<byte> mapped = _people.Map(_body.AsSpan(0, length), map);
        if (mapped.Length == 0 || mapped.Length > _body.Length) return false;
        if (!mapped.Overlaps(_body)) mapped.CopyTo(_body);
        written = _body.AsSpan(0, mapped.Length);
        return true;
    }

    /// <summary>RTCP of some line passes as it is, and so do the names in it.</summary>
    private static bool IsSecured(SdpDescription sdp)
    {
        foreach (ref readonly SdpMedia media in sdp.Media)
        {
            if (!media.IsRejected && media.IsRtp && media.Profile is not (SdpProfile.RtpAvp or SdpProfile.RtpAvpf))
                return true;
        }
        return false;
    }

    /// <summary>Of everything but o=, which holds the version.</summary>
    private ulong HashOf(ReadOnlySpan<byte> text)
    {
        int origin = text.IndexOf("\no="u8) + 1;
        int length = text[origin..].IndexOf((byte)'\n') + 1;
        return work.Hash.Hash(text[..origin]) ^ ulong.RotateLeft(work.Hash.Hash(text[(origin + length)..]), 1);
    }
}
