namespace Sbc.Sip.Transactions;

/// <summary>INVITE client transaction: RFC 3261 17.1.1 with RFC 6026 7.2 (figure 5).</summary>
public static class InviteClient
{
    public enum Event : byte
    {
        TimerA,
        TimerB,
        TimerD,
        TimerM,
        Provisional,
        Success,
        Failure,
        TransportError,
    }

    public static (TransactionState State, TransactionAction Action) Next(TransactionState state, Event what) =>
        (state, what) switch
        {
            (TransactionState.Calling, Event.TimerA) => (state, TransactionAction.Resend),
            (TransactionState.Calling, Event.TimerB) => (TransactionState.Terminated, TransactionAction.TimedOut),
            (TransactionState.Calling or TransactionState.Proceeding, Event.Provisional) =>
                (TransactionState.Proceeding, TransactionAction.Pass),
            (TransactionState.Calling or TransactionState.Proceeding, Event.Success) =>
                (TransactionState.Accepted, TransactionAction.Pass),
            (TransactionState.Calling or TransactionState.Proceeding, Event.Failure) =>
                (TransactionState.Completed, TransactionAction.Pass | TransactionAction.Acknowledge),
            (TransactionState.Calling, Event.TransportError) =>
                (TransactionState.Terminated, TransactionAction.Unreachable),
            (TransactionState.Completed, Event.Failure) => (state, TransactionAction.Acknowledge),
            (TransactionState.Completed, Event.TimerD) => (TransactionState.Terminated, TransactionAction.None),
            (TransactionState.Accepted, Event.Success) => (state, TransactionAction.Pass),
            (TransactionState.Accepted, Event.TimerM) => (TransactionState.Terminated, TransactionAction.None),
            _ => (state, TransactionAction.None),
        };
}
