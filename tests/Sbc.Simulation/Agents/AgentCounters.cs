namespace Sbc.Simulation;

/// <summary>What an agent saw. A caller's law: placed = answered + failed + cancelled + timeouts.</summary>
public sealed class AgentCounters
{
    public long Placed { get; internal set; }

    /// <summary>Calls that a callee was offered, repeats after a challenge not counted again by it.</summary>
    public long Offered { get; internal set; }

    /// <summary>2xx received by a caller, sent by a callee.</summary>
    public long Answered { get; internal set; }

    /// <summary>487 after our CANCEL, or no final response to it within 64*T1 (RFC 3261 9.1).</summary>
    public long Cancelled { get; internal set; }

    /// <summary>INVITEs that no final response answered.</summary>
    public long Timeouts { get; internal set; }

    /// <summary>Answered calls that are over.</summary>
    public long Ended { get; internal set; }

    /// <summary>2xx or failure responses that no ACK answered.</summary>
    public long AckTimeouts { get; internal set; }

    /// <summary>Requests within a dialog that no final response answered.</summary>
    public long InDialogTimeouts { get; internal set; }

    /// <summary>Requests within a dialog that were refused, by status.</summary>
    public SortedDictionary<int, long> InDialogRefused { get; } = [];

    /// <summary>Requests within a dialog that were sent and answered with 2xx.</summary>
    public long InDialogAnswered { get; internal set; }

    /// <summary>Failed calls by status.</summary>
    public SortedDictionary<int, long> Failed { get; } = [];

    public long FailedSum => Failed.Values.Sum();

    public long Retransmissions { get; internal set; }

    /// <summary>Requests within a dialog whose CSeq was overtaken: answered 500, as RFC 3261 12.2.2 says.</summary>
    public long OutOfOrder { get; internal set; }

    /// <summary>Requests for a dialog that is gone or never was, answered 481.</summary>
    public long UnknownDialog { get; internal set; }

    public long OptionsAnswered { get; internal set; }

    public long IcmpErrors { get; internal set; }

    /// <summary>Calls that the watchdog ended because nobody hung up.</summary>
    public long Abandoned { get; internal set; }

    public long Challenged { get; internal set; }

    /// <summary>2xx of another callee than the first that answered a forked INVITE.</summary>
    public long SecondAnswers { get; internal set; }

    /// <summary>Sessions whose timer nobody refreshed (RFC 4028 10).</summary>
    public long SessionsExpired { get; internal set; }

    /// <summary>Calls with something planned that did not happen. On a good network there are none.</summary>
    public long Shortfalls { get; internal set; }

    internal static void Count(SortedDictionary<int, long> counts, int status) =>
        counts[status] = counts.GetValueOrDefault(status) + 1;

    public void Add(AgentCounters other)
    {
        Placed += other.Placed;
        Offered += other.Offered;
        Answered += other.Answered;
        Cancelled += other.Cancelled;
        Timeouts += other.Timeouts;
        Ended += other.Ended;
        AckTimeouts += other.AckTimeouts;
        InDialogTimeouts += other.InDialogTimeouts;
        InDialogAnswered += other.InDialogAnswered;
        Retransmissions += other.Retransmissions;
        OutOfOrder += other.OutOfOrder;
        UnknownDialog += other.UnknownDialog;
        OptionsAnswered += other.OptionsAnswered;
        IcmpErrors += other.IcmpErrors;
        Abandoned += other.Abandoned;
        Challenged += other.Challenged;
        SecondAnswers += other.SecondAnswers;
        SessionsExpired += other.SessionsExpired;
        Shortfalls += other.Shortfalls;
        foreach ((int status, long count) in other.Failed) Failed[status] = Failed.GetValueOrDefault(status) + count;
        foreach ((int status, long count) in other.InDialogRefused)
        {
            InDialogRefused[status] = InDialogRefused.GetValueOrDefault(status) + count;
        }
    }

    public override string ToString() =>
        $"placed {Placed}, offered {Offered}, answered {Answered}, ended {Ended}, cancelled {Cancelled}, "
        + $"timeouts {Timeouts}, failed {FailedSum} ({string.Join(' ', Failed.Select(f => $"{f.Key}:{f.Value}"))}), "
        + $"in dialog {InDialogAnswered} (refused {string.Join(' ', InDialogRefused.Select(f => $"{f.Key}:{f.Value}"))}"
        + $", timeouts {InDialogTimeouts}), ACK timeouts {AckTimeouts}, retransmissions {Retransmissions}, "
        + $"out of order {OutOfOrder}, unknown dialog {UnknownDialog}, OPTIONS {OptionsAnswered}, "
        + $"challenged {Challenged}, second answers {SecondAnswers}, sessions expired {SessionsExpired}, "
        + $"shortfalls {Shortfalls}, abandoned {Abandoned}, ICMP {IcmpErrors}";
}
