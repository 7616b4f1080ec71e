namespace Sbc.Engine.Config;

/// <summary><c>limits</c> of an untrusted realm: what strangers may do. Peers have limits of their own.</summary>
public sealed record LimitsConfig
{
    /// <summary><c>messages_per_second_per_source</c> (IPv6 by /64). Default 100: far above a phone or a small PBX,
    /// far below what a scanner needs to be worth its while.</summary>
    public int MessagesPerSecondPerSource { get; init; } = 100;

    /// <summary><c>registrations_per_second_per_source</c>. Default 5: an office behind one NAT after a power cut,
    /// but no guessing of passwords. A phone that gets no answer asks again.</summary>
    public int RegistrationsPerSecondPerSource { get; init; } = 5;

    /// <summary><c>calls_per_second</c>: new calls of the whole realm. Default 500: below what one worker
    /// carries.</summary>
    public int CallsPerSecond { get; init; } = 500;

    /// <summary><c>calls_max</c>: calls at a time of the whole realm. Default 20000.</summary>
    public int CallsMax { get; init; } = 20000;

    /// <summary><c>connections_per_source_max</c>. Default 64: an office behind one NAT. Without effect before
    /// there are stream listeners.</summary>
    public int ConnectionsPerSourceMax { get; init; } = 64;
}
