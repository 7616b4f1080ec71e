namespace Sbc.Sip.Transactions;

/// <summary>Non-INVITE server transaction: RFC 3261 17.2.2 (figure 8).</summary>
public static class NonInviteServer
{
    public enum Event : byte
    {
        Request,
        SendProvisional,
        SendFinal,
        TimerJ,
    }

    public static (TransactionState State, TransactionAction Action) Next(TransactionState state, Event what) =>
        (state, what) switch
        {
            (TransactionState.Trying or TransactionState.Proceeding, Event.SendProvisional) =>
                (TransactionState.Proceeding, TransactionAction.None),
            (TransactionState.Trying or TransactionState.Proceeding, Event.SendFinal) =>
                (TransactionState.Completed, TransactionAction.None),
            (TransactionState.Proceeding or TransactionState.Completed, Event.Request) =>
                (state, TransactionAction.Resend),
            (TransactionState.Completed, Event.TimerJ) => (TransactionState.Terminated, TransactionAction.None),
            _ => (state, TransactionAction.None),
        };
}
