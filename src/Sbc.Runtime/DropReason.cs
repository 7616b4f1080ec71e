namespace Sbc.Runtime;

/// <summary>Why a packet ended without effect: the metric label and the word in the log, in snake_case.</summary>
public enum DropReason : byte
{
    /// <summary>Not dropped.</summary>
    None,

    // Signalling, before parsing.
    KeepAlive,
    Empty,
    TooLong,
    RateLimited,

    // Signalling, parsing.
    NotSip,
    Malformed,
    HeaderUnending,
    TooManyHeaders,
    BodyTruncated,

    // Signalling, after parsing.
    ForeignResponse,
    LateResponse,
    StrayAck,
    UnknownDialog,
    NotFromPeer,
    RingFull,
    SendFailed,

    /// <summary>
    /// A description named a port of our own that is its own call's or nobody's: nothing is sent there.
    /// </summary>
    OwnPort,

    // Media.
    RtpMalformed,
    RtpTooLong,
    SourceRefused,
    NotLatched,
    NoTarget,
    NoSession,
    RtcpMalformed,
    RateExceeded,
    BitRateExceeded,

    /// <summary>It left the box and came back, again and again.</summary>
    Loop,
    Stun,

    // Ours.
    InternalError,
}

public static class DropReasons
{
    public static readonly int Count = Enum.GetValues<DropReason>().Length;

    private static readonly string[] Names = [.. Enum.GetNames<DropReason>().Select(Snake)];

    public static string Name(this DropReason reason) => Names[(int)reason];

    private static string Snake(string name) =>
        string.Concat(name.Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
