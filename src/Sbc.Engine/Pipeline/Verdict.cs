using Sbc.Runtime;

namespace Sbc.Engine.Pipeline;

/// <summary>How a packet ended.</summary>
public enum VerdictKind : byte
{
    Forwarded,
    Answered,
    Absorbed,
    HandedOver,
    Dropped,

    /// <summary>None yet: it waits for what another worker knows, and is looked at again.</summary>
    Parked,
}

/// <summary>Every received packet ends in exactly one; a drop names its reason.</summary>
public readonly record struct Verdict(VerdictKind Kind, DropReason Reason)
{
    public static readonly Verdict Forwarded = new(VerdictKind.Forwarded, DropReason.None);
    public static readonly Verdict Answered = new(VerdictKind.Answered, DropReason.None);
    public static readonly Verdict Absorbed = new(VerdictKind.Absorbed, DropReason.None);
    public static readonly Verdict HandedOver = new(VerdictKind.HandedOver, DropReason.None);

    public static readonly Verdict Parked = new(VerdictKind.Parked, DropReason.None);

    public static Verdict Dropped(DropReason reason) => new(VerdictKind.Dropped, reason);
}
