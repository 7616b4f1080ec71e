namespace Sbc.Sip.Transactions;

/// <summary>Non-INVITE client transaction: RFC 3261 17.1.2 (figure 6).</summary>
public static class NonInviteClient
{
    public enum Event : byte
    {
        TimerE,
        TimerF,
        TimerK,
        Provisional,
        Final,
        TransportError,
    }

    public static (TransactionState State, TransactionAction Action) Next(TransactionState state, Event what) =>
        (state, what) switch
        {
            (TransactionState.Trying or TransactionState.Proceeding, Event.TimerE) => (state, TransactionAction.Resend),
            (TransactionState.Trying or TransactionState.Proceeding, Event.TimerF) =>
                (TransactionState.Terminated, TransactionAction.TimedOut),
            (TransactionState.Trying or TransactionState.Proceeding, Event.Provisional) =>
                (TransactionState.Proceeding, TransactionAction.Pass),
            (TransactionState.Trying or TransactionState.Proceeding, Event.Final) =>
                (TransactionState.Completed, TransactionAction.Pass),
            (TransactionState.Trying or TransactionState.Proceeding, Event.TransportError) =>
                (TransactionState.Terminated, TransactionAction.Unreachable),
            (TransactionState.Completed, Event.TimerK) => (TransactionState.Terminated, TransactionAction.None),
            _ => (state, TransactionAction.None),
        };
}
