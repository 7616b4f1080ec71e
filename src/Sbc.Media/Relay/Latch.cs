using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>Which source of media may be learned (realms.*.media.latching).</summary>
public enum LatchMode : byte
{
    /// <summary>The SDP's address and port, nothing else.</summary>
    Strict,

    /// <summary>The SDP's address or the one signalling comes from, any port: far-end NAT.</summary>
    Signalling,

    /// <summary>Whoever sends first.</summary>
    Open,
}

public enum LatchPhase : byte
{
    /// <summary>No source yet.</summary>
    Waiting,

    /// <summary>One source, and no other.</summary>
    Locked,

    /// <summary>Signalling allowed another source; the locked one passes until it shows up.</summary>
    Relatching,
}

public enum LatchEvent : byte
{
    /// <summary>A packet; <see cref="LatchInput"/> says of whom.</summary>
    Packet,

    /// <summary>A description named another target than before.</summary>
    TargetChanged,

    /// <summary>A re-INVITE or UPDATE came: the phone may have moved.</summary>
    Allowed,
}

public enum LatchVerdict : byte
{
    Refused,
    Accepted,

    /// <summary>Accepted, and the source is new.</summary>
    Latched,
}

/// <summary>How well a source fits one of several latches that wait at one port; the more the higher.</summary>
public enum LatchFit : byte
{
    /// <summary>The latch would refuse it, but for continuity.</summary>
    None,

    /// <summary>The mode allows it: where signalling comes from, or anybody.</summary>
    Allowed,

    /// <summary>The SDP's address with another port, or the one RTP comes from.</summary>
    Address,

    /// <summary>What the SDP says.</summary>
    Target,
    Locked,
}

/// <summary>What the latch needs of a packet.</summary>
public readonly ref struct LatchInput
{
    public TransportAddress Source { get; init; }

    public uint Ssrc { get; init; }

    /// <summary>Meaningful where <see cref="HasSequence"/>.</summary>
    public ushort Sequence { get; init; }

    /// <summary>RTP or RTCP: a synchronization source was read.</summary>
    public bool HasSsrc { get; init; }

    /// <summary>RTP.</summary>
    public bool HasSequence { get; init; }

    /// <summary>RTCP beside RTP: only from the address RTP is locked to, where it is; None otherwise.</summary>
    public TransportAddress Sibling { get; init; }
}

/// <summary>One port's memory of who sends to it.</summary>
public struct LatchState
{
    public LatchMode Mode;
    public LatchPhase Phase;

    /// <summary>The SDP has named another target since the source was locked.</summary>
    public bool IsTargetChanged;
    public bool HasSsrc;
    public bool HasSequence;
    public ushort Sequence;
    public uint Ssrc;

    /// <summary>Mode signalling: bits of an address that count; 0 are all of them.</summary>
    public byte BitsIPv4;
    public byte BitsIPv6;

    /// <summary>The locked source; None while waiting.</summary>
    public TransportAddress Source;

    /// <summary>What the SDP says; None without one.</summary>
    public TransportAddress Target;

    /// <summary>Where the signalling of this side comes from; None where unknown.</summary>
    public TransportAddress Signalling;
}

/// <summary>
/// Learns the real source of media behind NAT, and keeps everybody else out: a relay that follows whoever sends
/// last hands calls to whoever sprays its ports (RTP bleed).
/// </summary>
/// <remarks>
/// A changed description makes the mode's own rule apply again, since a phone that restarts its media on hold or
/// transfer has a new port and a new synchronization source. Without a change a new source must be the SDP's exactly,
/// or show continuity: the same SSRC and a sequence close to the last, which nobody off the path can know.
/// </remarks>
public static class Latch
{
    public static LatchVerdict Step(ref LatchState state, LatchEvent happened, in LatchInput packet)
    {
        switch (state.Phase, happened)
        {
            case (LatchPhase.Waiting, LatchEvent.Packet):
                return IsAllowedByMode(state, packet) ? Lock(ref state, packet) : LatchVerdict.Refused;

            case (LatchPhase.Locked, LatchEvent.Packet):
                return packet.Source == state.Source ? LatchVerdict.Accepted : LatchVerdict.Refused;

            case (LatchPhase.Relatching, LatchEvent.Packet):
                if (packet.Source == state.Source) return LatchVerdict.Accepted;
                return MayFollow(state, packet) ? Lock(ref state, packet) : LatchVerdict.Refused;

            case (LatchPhase.Locked or LatchPhase.Relatching, LatchEvent.TargetChanged):
                // The new target is where media comes from already: nothing is to be learned.
                bool isKnown = state.Target == state.Source;
                state.Phase = isKnown ? LatchPhase.Locked : LatchPhase.Relatching;
                state.IsTargetChanged = !isKnown;
                return LatchVerdict.Accepted;

            case (LatchPhase.Locked, LatchEvent.Allowed):
                state.Phase = LatchPhase.Relatching;
                return LatchVerdict.Accepted;

            default:
                // Waiting already takes whom the mode allows; allowed twice is allowed once.
                return LatchVerdict.Accepted;
        }
    }

    /// <summary>Remembers what continuity is measured against. Returns whether the SSRC is another one.</summary>
    public static bool Follow(ref LatchState state, in LatchInput packet)
    {
        if (!packet.HasSsrc) return false;
        bool isNew = state.HasSsrc && state.Ssrc != packet.Ssrc;
        state.HasSsrc = true;
        state.Ssrc = packet.Ssrc;
        if (!packet.HasSequence) return isNew;
        // Late packets do not take the mark back.
        bool isLate = state.HasSequence && (short)(packet.Sequence - state.Sequence) <= 0;
        if (isNew || !isLate) state.Sequence = packet.Sequence;
        state.HasSequence = true;
        return isNew;
    }

    /// <param name="sibling">As in <see cref="LatchInput"/>.</param>
    public static LatchFit Fit(in LatchState state, in TransportAddress source, in TransportAddress sibling)
    {
        if (state.Phase != LatchPhase.Waiting && source == state.Source) return LatchFit.Locked;
        if (state.Phase == LatchPhase.Locked) return LatchFit.None;
        if (source == state.Target) return LatchFit.Target;
        if (state.Phase == LatchPhase.Relatching && !state.IsTargetChanged) return LatchFit.None;
        if (!IsAllowedByMode(state, new LatchInput { Source = source, Sibling = sibling })) return LatchFit.None;
        bool isKnown = source.SameAddress(state.Target) || (!sibling.IsNone && source.SameAddress(sibling));
        return isKnown ? LatchFit.Address : LatchFit.Allowed;
    }

    private static LatchVerdict Lock(ref LatchState state, in LatchInput packet)
    {
        state.Source = packet.Source;
        state.Phase = LatchPhase.Locked;
        state.IsTargetChanged = false;
        return LatchVerdict.Latched;
    }

    private static bool MayFollow(in LatchState state, in LatchInput packet)
    {
        if (state.IsTargetChanged) return IsAllowedByMode(state, packet) || IsContinuous(state, packet);
        return packet.Source == state.Target || IsContinuous(state, packet);
    }

    private static bool IsAllowedByMode(in LatchState state, in LatchInput packet) => state.Mode switch
    {
        LatchMode.Strict => !state.Target.IsNone && packet.Source == state.Target,
        LatchMode.Signalling =>
            IsAt(state, packet.Source, state.Target) || IsAt(state, packet.Source, state.Signalling),
        _ => packet.Sibling.IsNone || packet.Source.SameAddress(packet.Sibling),
    };

    private static bool IsContinuous(in LatchState state, in LatchInput packet)
    {
        if (state.Mode == LatchMode.Strict || !packet.HasSsrc || !state.HasSsrc) return false;
        if (packet.Ssrc != state.Ssrc) return false;
        // RTCP has no sequence, and to guess an SSRC takes a stranger an hour: it follows RTP, and not the reverse.
        if (!packet.HasSequence || !state.HasSequence) return packet.Source.SameAddress(packet.Sibling);
        return Math.Abs((int)(short)(packet.Sequence - state.Sequence)) <= MediaLimits.ContinuitySequenceMax;
    }

    private static bool IsAt(in LatchState state, in TransportAddress source, in TransportAddress allowed)
    {
        if (allowed.IsNone || allowed.IsUnspecified) return false;
        int bits = allowed.IsIPv4 ? state.BitsIPv4 : state.BitsIPv6;
        return source.SameAddress(allowed) || (bits > 0 && source.InPrefix(allowed, bits));
    }
}
