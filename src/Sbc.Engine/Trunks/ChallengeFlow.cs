using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Trunks;

/// <summary>
/// A peer with credentials of ours challenges a request, of whatever method: it goes there again with the answer, in a
/// transaction of its own with the next number (RFC 3261 22.2), and nobody else hears of it.
/// </summary>
public sealed class ChallengeFlow(
    Workspace work, CallTable calls, ServerTransactions servers, ClientTransactions clients, EarlyDialogs early,
    Credentials credentials)
{
    /// <summary>Stale nonces in a row that are believed.</summary>
    private const int AnswersMax = 3;

    private uint _cseq;

    /// <summary>
    /// Looks at a response before its transaction does: that forgets its request. True: <see cref="TryAnswer"/> next.
    /// </summary>
    public bool Keeps(Handle handle, SipMessage response)
    {
        if (response.StatusCode is not (401 or 407)) return false;
        ref ClientTransaction client = ref clients[handle];
        if (client.State >= TransactionState.Completed || client.Request.IsNone) return false;
        if (client.Purpose == ClientPurpose.Probe || credentials.AuthOf(client.Peer) is null) return false;
        // It is being cancelled: who asked wants no answer any more.
        if (client.Cancel != CancelState.None) return false;
        byte kind = (byte)(response.StatusCode == 407 ? 2 : 1);
        bool isAgain = (client.Challenges & kind) != 0;
        if (!credentials.TryLearn(client.Peer, response, out bool isStale)) return false;
        // What was right would have been taken (22.2): only a nonce that is too old is worth another try.
        if (isAgain && (!isStale || client.Answers >= AnswersMax)) return false;
        _cseq = credentials.Keep(work.Buffers.Bytes(client.Request));
        client.Challenges |= kind;
        return true;
    }

    /// <summary>Sends the request that was kept again. False: its challenge is to be passed on after all.</summary>
    public bool TryAnswer(Handle handle, out Handle answer)
    {
        ref ClientTransaction challenged = ref clients[handle];
        if (!clients.TryCreate(challenged.Method, challenged.Purpose, out answer)) return false;
        ref ClientTransaction client = ref clients[answer];
        bool isCall = calls.IsLive(challenged.Call);
        uint cseq = _cseq + 1;
        if (isCall) cseq = Math.Max(calls[challenged.Call].Legs[challenged.Leg].LocalCSeq + 1, cseq);
        Span<byte> branch = stackalloc byte[Tokens.Length];
        work.Tokens.Write(TokenKind.Branch, work.Index, answer, branch);
        Span<byte> slot = work.Outbox.Open();
        int length = credentials.Repeat(challenged.Peer, branch, cseq, slot);
        if (length == 0)
        {
            clients.Drop(answer);
            return false;
        }
        client.Call = challenged.Call;
        client.Server = challenged.Server;
        client.Leg = challenged.Leg;
        client.InDialog = challenged.InDialog;
        client.EndsSubscription = challenged.EndsSubscription;
        client.HasNoOffer = challenged.HasNoOffer;
        client.Peer = challenged.Peer;
        client.CSeq = cseq;
        client.Challenges = challenged.Challenges;
        client.Answers = (byte)(challenged.Answers + 1);
        int life = work.Snapshot.Timers.T1x64 - (challenged.Method == SipMethod.Bye ? 2 * work.Snapshot.Timers.T1 : 0);
        if (!clients.Send(answer, slot, length, challenged.Listener, challenged.Remote, life)) return false;
        if (servers.IsLive(challenged.Server)) servers[challenged.Server].Client = answer;
        if (isCall) Move(handle, answer, cseq);
        return true;
    }

    /// <summary>The call waits for the answered request now, with the number that it has.</summary>
    private void Move(Handle challenged, Handle answer, uint cseq)
    {
        Handle call = clients[answer].Call;
        ref CallState state = ref calls[call];
        ref LegState leg = ref state.Legs[clients[answer].Leg];
        if (leg.ReferCSeq != 0 && leg.ReferCSeq == clients[challenged].CSeq) leg.ReferCSeq = cseq;
        leg.LocalCSeq = cseq;
        if (state.InviteClient != challenged) return;
        state.InviteClient = answer;
        if (clients[answer].InDialog) return;
        // What rang before it asked is over.
        early.Spend(call);
        if (leg.RemoteTagLength == 0) return;
        LegText.TrySetDialog(
            work.Buffers, ref leg, default, LegText.Target(work.Buffers, leg), LegText.Routes(work.Buffers, leg));
    }
}
