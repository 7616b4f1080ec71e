namespace Sbc.Runtime;

/// <summary>A single-threaded worker: signalling or media. It never waits; its host waits and wakes.</summary>
public interface ITurn
{
    /// <summary>
    /// Takes a batch from its ports and rings, processes it, advances timers and hands over what is to be sent.
    /// </summary>
    /// <param name="now">The time of everything that happens in this turn.</param>
    /// <param name="ready">Bit i: port i may have packets. Ports whose bit is clear are not asked.</param>
    /// <returns>The bits of ports that may hold more (a full batch was taken); 0 when all were drained.</returns>
    ulong Turn(Instant now, ulong ready);

    /// <summary>When the next timer is due; <see cref="Instant.Never"/> without one. Read after a turn.</summary>
    Instant NextDeadline { get; }

    /// <summary>Whether a ring or the mailbox holds work. Read after <see cref="Doorbell.PrepareToSleep"/>.</summary>
    bool HasWork { get; }

    Doorbell Doorbell { get; }
}
