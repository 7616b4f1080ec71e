namespace Sbc.Sip.Transactions;

/// <summary>INVITE server transaction: RFC 3261 17.2.1 with RFC 6026 7.1 (figure 4).</summary>
public static class InviteServer
{
    public enum Event : byte
    {
        Request,
        Ack,
        SendProvisional,
        SendSuccess,
        SendFailure,
        TimerG,
        TimerH,
        TimerI,
        TimerL,
    }

    public static (TransactionState State, TransactionAction Action) Next(TransactionState state, Event what) =>
        (state, what) switch
        {
            (TransactionState.Proceeding, Event.Request) => (state, TransactionAction.Resend),
            (TransactionState.Proceeding, Event.SendProvisional) => (state, TransactionAction.None),
            (TransactionState.Proceeding, Event.SendSuccess) => (TransactionState.Accepted, TransactionAction.None),
            (TransactionState.Proceeding, Event.SendFailure) => (TransactionState.Completed, TransactionAction.None),
            (TransactionState.Completed, Event.Request or Event.TimerG) => (state, TransactionAction.Resend),
            (TransactionState.Completed, Event.Ack) => (TransactionState.Confirmed, TransactionAction.None),
            (TransactionState.Completed, Event.TimerH) => (TransactionState.Terminated, TransactionAction.TimedOut),
            (TransactionState.Confirmed, Event.TimerI) => (TransactionState.Terminated, TransactionAction.None),
            (TransactionState.Accepted, Event.Ack) => (state, TransactionAction.Pass),
            (TransactionState.Accepted, Event.TimerL) => (TransactionState.Terminated, TransactionAction.None),
            _ => (state, TransactionAction.None),
        };
}
