namespace Sbc.Sip.Transactions;

/// <summary>The states of the four machines (RFC 3261 17, RFC 6026); not every machine has all.</summary>
public enum TransactionState : byte
{
    /// <summary>INVITE client: nothing heard yet.</summary>
    Calling,

    /// <summary>Non-INVITE: nothing heard or answered yet.</summary>
    Trying,

    Proceeding,
    Completed,

    /// <summary>INVITE server: the ACK to a failure has come.</summary>
    Confirmed,

    /// <summary>INVITE, answered with 2xx (RFC 6026).</summary>
    Accepted,

    Terminated,
}

/// <summary>What the owner of a machine does after an event.</summary>
[Flags]
public enum TransactionAction : byte
{
    /// <summary>Nothing: the message is absorbed.</summary>
    None = 0,

    /// <summary>Send again what was sent last.</summary>
    Resend = 1,

    /// <summary>Give the message to the transaction user.</summary>
    Pass = 2,

    /// <summary>Send an ACK to the failure (RFC 3261 17.1.1.3).</summary>
    Acknowledge = 4,

    /// <summary>Tell the transaction user that nothing was heard.</summary>
    TimedOut = 8,

    /// <summary>Tell the transaction user that nothing can be sent there.</summary>
    Unreachable = 16,
}
