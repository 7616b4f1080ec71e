using Sbc.Sip.Transactions;
using Xunit;

namespace Sbc.Tests.Sip.Transactions;

/// <summary>The four machines as tables, every state and event (RFC 3261 17, RFC 6026). "-": nothing happens.</summary>
public class MachineTests
{
    [Fact]
    public void Invite_client_does_as_figure_5_of_rfc_3261_and_rfc_6026_say() => Check<InviteClient.Event>("""
                    TimerA          TimerB               TimerD      TimerM      Provisional      Success        Failure                          TransportError
        Calling     Calling+Resend  Terminated+TimedOut  -           -           Proceeding+Pass  Accepted+Pass  Completed+Pass,Acknowledge       Terminated+Unreachable
        Proceeding  -               -                    -           -           Proceeding+Pass  Accepted+Pass  Completed+Pass,Acknowledge       -
        Completed   -               -                    Terminated  -           -                -              Completed+Acknowledge            -
        Accepted    -               -                    -           Terminated  -                Accepted+Pass  -                                -
        Terminated  -               -                    -           -           -                -              -                                -
        """, InviteClient.Next);

    [Fact]
    public void Invite_server_does_as_figure_7_of_rfc_3261_and_rfc_6026_say() => Check<InviteServer.Event>("""
                    Request            Ack            SendProvisional  SendSuccess  SendFailure  TimerG            TimerH               TimerI      TimerL
        Proceeding  Proceeding+Resend  -              -                Accepted     Completed    -                 -                    -           -
        Completed   Completed+Resend   Confirmed      -                -            -            Completed+Resend  Terminated+TimedOut  -           -
        Confirmed   -                  -              -                -            -            -                 -                    Terminated  -
        Accepted    -                  Accepted+Pass  -                -            -            -                 -                    -           Terminated
        Terminated  -                  -              -                -            -            -                 -                    -           -
        """, InviteServer.Next);

    [Fact]
    public void Non_invite_client_does_as_figure_6_says() => Check<NonInviteClient.Event>("""
                    TimerE             TimerF               TimerK      Provisional      Final           TransportError
        Trying      Trying+Resend      Terminated+TimedOut  -           Proceeding+Pass  Completed+Pass  Terminated+Unreachable
        Proceeding  Proceeding+Resend  Terminated+TimedOut  -           Proceeding+Pass  Completed+Pass  Terminated+Unreachable
        Completed   -                  -                    Terminated  -                -               -
        Terminated  -                  -                    -           -                -               -
        """, NonInviteClient.Next);

    [Fact]
    public void Non_invite_server_does_as_figure_8_says() => Check<NonInviteServer.Event>("""
                    Request            SendProvisional  SendFinal  TimerJ
        Trying      -                  Proceeding       Completed  -
        Proceeding  Proceeding+Resend  Proceeding       Completed  -
        Completed   Completed+Resend   -                -          Terminated
        Terminated  -                  -                -          -
        """, NonInviteServer.Next);

    private static void Check<TEvent>(
        string table, Func<TransactionState, TEvent, (TransactionState, TransactionAction)> next)
        where TEvent : struct, Enum
    {
        string[][] rows = [.. table.Split('\n').Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries))];
        Assert.Equal(Enum.GetNames<TEvent>(), rows[0]);
        foreach (string[] row in rows.Skip(1))
        {
            TransactionState state = Enum.Parse<TransactionState>(row[0]);
            for (int i = 1; i < row.Length; i++)
            {
                (TransactionState, TransactionAction) expected = Parse(row[i], state);
                Assert.True(expected == next(state, Enum.Parse<TEvent>(rows[0][i - 1])), $"{state}, {rows[0][i - 1]}");
            }
        }
    }

    private static (TransactionState State, TransactionAction Action) Parse(string cell, TransactionState state)
    {
        if (cell == "-") return (state, TransactionAction.None);
        string[] parts = cell.Split('+');
        return (Enum.Parse<TransactionState>(parts[0]),
            parts.Length == 1 ? TransactionAction.None : Enum.Parse<TransactionAction>(parts[1]));
    }
}
