namespace Sbc.Simulation;

/// <summary>
/// A forking, record-routing proxy and the callees behind it, as the one that sent the INVITE sees them: several early
/// dialogs, the best response (RFC 3261 16.7), CANCEL for those that lost, and sometimes a second 2xx.
/// </summary>
internal sealed class ForkedAnswer
{
    private readonly Callee _callee;
    private readonly ServerTransaction _transaction;
    private readonly List<IncomingCall> _branches = [];
    private readonly List<SipMessage> _finals = [];
    private bool _won;
    private bool _cancelled;

    public ForkedAnswer(
        Callee callee, ServerTransaction transaction, IReadOnlyList<AnswerScript> scripts, long number)
    {
        _callee = callee;
        _transaction = transaction;
        for (int i = 0; i < scripts.Count; i++)
        {
            _branches.Add(new IncomingCall(callee, transaction, scripts[i], number, this, i + 1));
        }
    }

    public void Offer()
    {
        _transaction.OnCancelled = CancelAll;
        _transaction.Respond(_transaction.NewResponse(100, ""));
        foreach (IncomingCall branch in _branches) branch.Offer();
    }

    /// <summary>All but 2xx, which their callees send and repeat themselves.</summary>
    public void Forward(IncomingCall branch, SipMessage response)
    {
        if (response.Status < 200)
        {
            if (!_won) _transaction.Respond(response);
            return;
        }
        _finals.Add(response);
        if (response.Status >= 600) CancelAll();
        if (_finals.Count < _branches.Count || _won) return;
        _transaction.Respond(Best());
    }

    /// <summary>
    /// One answers: the others get their CANCEL a moment later, and one of them may answer before. False for that one.
    /// </summary>
    public bool Won()
    {
        if (_won) return false;
        _won = true;
        _callee.Simulator.After(_callee.Random.Between(1, 30), CancelAll);
        return true;
    }

    // RFC 3261 16.7 step 6: a 6xx, else of the lowest class; 487 says least.
    private SipMessage Best()
    {
        SipMessage? best = null;
        foreach (SipMessage response in _finals)
        {
            if (best == null || Rank(response.Status) < Rank(best.Status)) best = response;
        }
        return best!;
    }

    private static int Rank(int status) => status switch
    {
        >= 600 => 0,
        487 => 1000,
        503 => 900,
        _ => status,
    };

    private void CancelAll()
    {
        if (_cancelled) return;
        _cancelled = true;
        foreach (IncomingCall branch in _branches.ToArray()) branch.Cancelled();
    }
}
