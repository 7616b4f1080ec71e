using Sbc.Engine.Pipeline;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Transactions;

namespace Sbc.Engine.Calls;

/// <summary>CANCEL: answered here, and passed on as one of our own for its INVITE (RFC 3261 9.2).</summary>
public sealed class CancelFlow(
    Workspace work, CallTable calls, ServerTransactions servers, InviteFlow invites, DialogFlow dialogs,
    StatelessReply reply)
{
    /// <param name="server">The INVITE's transaction; none: no INVITE has this branch.</param>
    public Verdict OnCancel(SipMessage cancel, in ViaValue via, in Origin origin, Handle server)
    {
        if (server.IsNone)
        {
            reply.Send(cancel, via, origin, 481);
            return Verdict.Answered;
        }
        ref ServerTransaction invite = ref servers[server];
        if (!invite.Source.SameAddress(origin.Source)) return Verdict.Dropped(DropReason.SourceRefused);
        reply.Send(cancel, via, origin, 200);
        work.CallAtWork = invite.Call;
        if (invite.State != TransactionState.Proceeding || !calls.IsLive(invite.Call) ||
            calls[invite.Call].InviteServer != server) return Verdict.Answered;
        Span<byte> lines = stackalloc byte[Limits.ReasonLinesBytesMax];
        ReadOnlySpan<byte> reason = ReasonLines(cancel, lines);
        if (calls[invite.Call].Phase == CallPhase.Setup) invites.OnCancel(invite.Call, reason);
        else dialogs.OnCancel(invite.Call, reason);
        return Verdict.Answered;
    }

    /// <summary>
    /// Why it was cancelled is for the phone that rang: answered elsewhere is no missed call (RFC 3326 3.1).
    /// </summary>
    private static ReadOnlySpan<byte> ReasonLines(SipMessage cancel, Span<byte> lines)
    {
        int length = 0;
        if (!cancel.TryFind(HeaderName.Reason, out int field)) return default;
        do
        {
            ReadOnlySpan<byte> line = cancel.Line(field);
            if (length + line.Length > lines.Length) break;
            line.CopyTo(lines[length..]);
            length += line.Length;
        }
        while (cancel.TryNext(ref field));
        return lines[..length];
    }
}
