using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>Virtual time. It stands still while things happen and jumps to the next event.</summary>
public sealed class VirtualClock
{
    /// <summary>Not 0, so that code that takes a zero Instant for "unset" is found out.</summary>
    public static readonly Instant Start = new(1_000_000_000);

    public Instant Now { get; private set; } = Start;

    public void AdvanceTo(Instant instant)
    {
        Check.That(instant >= Now);
        Now = instant;
    }

    /// <summary>Seconds since the start, for people.</summary>
    public string Text => $"{(Now - Start) / 1_000_000.0:F6}";
}
