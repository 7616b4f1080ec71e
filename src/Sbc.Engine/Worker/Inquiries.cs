using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Transactions;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Worker;

/// <summary>
/// Requests that name calls of other workers (Replaces, Refer-To, dialog-info) wait here, in their slots, for what
/// those workers say of them. The question goes in a slot of its own over the crossbar and comes back as the answer.
/// </summary>
public sealed class Inquiries(int index, Crossbar crossbar, Handovers handovers, DialogNames names, SipHash hash)
{
    private readonly Parked[] _parked = new Parked[Limits.ParkedMax];
    private int _count;
    private int _answered;
    private int _rounds;
    private long _seen;

    /// <param name="Question">Slot of its question, or of the question of what it stands behind; -1 once that was
    /// answered.</param>
    /// <param name="Key">Of its transaction.</param>
    private readonly record struct Parked(int Owner, int Slot, int Question, int Rounds, (ulong, ulong) Key);

    /// <summary>Whether an answer came that was not taken.</summary>
    public bool HasAnswers => _count > 0 && crossbar.Answers(index) != _seen;

    /// <summary>Parks the request when it names a call that is not known here. False: it can go on as it is.</summary>
    public bool TryPark(SipMessage request, in ViaValue via, int owner, int slot)
    {
        if (_count > 0 && TryParkBehind(request, via, owner, slot)) return true;
        if (crossbar.Workers == 1 || !names.MayName(request)) return false;
        if (_count == _parked.Length || _rounds == Limits.QuestionsPerRequestMax) return false;
        if (!names.TryQuestion(request, out ReadOnlySpan<byte> token, out int worker)) return false;
        PacketPool pool = crossbar.Pool(index);
        if (worker >= crossbar.Workers || !pool.TryRent(out int question)) return false;
        token.CopyTo(pool.Bytes(question));
        pool.Header(question).IsQuestion = true;
        if (!handovers.TryPush(worker, question))
        {
            pool.Header(question).IsQuestion = false;
            pool.Return(question);
            return false;
        }
        _parked[_count++] = new Parked(owner, slot, question, _rounds + 1, TransactionKey.Of(hash, request, via));
        return true;
    }

    /// <summary>
    /// What belongs to a request that waits waits behind it: its CANCEL would find no transaction, and its repetition
    /// would be a second one.
    /// </summary>
    private bool TryParkBehind(SipMessage request, in ViaValue via, int owner, int slot)
    {
        if (_count == _parked.Length) return false;
        (ulong, ulong) key = TransactionKey.Of(hash, request, via);
        for (int i = 0; i < _count; i++)
        {
            // One whose answer is there goes on before this one, which is behind it.
            if (_parked[i].Key != key || _parked[i].Question < 0) continue;
            _parked[_count++] = new Parked(owner, slot, _parked[i].Question, _rounds + 1, key);
            return true;
        }
        return false;
    }

    /// <summary>Answers a question of another worker in its place, and sends it back.</summary>
    public void Answer(int from, int slot)
    {
        names.Answer(crossbar.Pool(from).Bytes(slot));
        Check.That(crossbar.Returned(index, from).TryPush(slot));
        crossbar.CountAnswer(from);
        handovers.Wake(from);
    }

    /// <summary>
    /// Takes the answers that came; then those who asked may try again. Each of them has one question out: so many
    /// answers can be kept.
    /// </summary>
    public bool TryTakeAnswers()
    {
        bool any = false;
        _seen = crossbar.Answers(index);
        handovers.Reclaim();
        PacketPool pool = crossbar.Pool(index);
        while (handovers.TryTakeAnswered(out int slot))
        {
            names.Keep(pool.Bytes(slot));
            pool.Header(slot).IsQuestion = false;
            pool.Return(slot);
            MarkAnswered(slot);
            any = true;
        }
        return any;
    }

    private void MarkAnswered(int question)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_parked[i].Question != question) continue;
            _parked[i] = _parked[i] with { Question = -1 };
            _answered++;
        }
    }

    /// <summary>Requests whose answer is there.</summary>
    public int Waiting => _answered;

    /// <summary>Takes the one of them that waits longest.</summary>
    public (int Owner, int Slot) TakeFirst()
    {
        int at = 0;
        while (_parked[at].Question >= 0) at++;
        Parked first = _parked[at];
        _count--;
        _answered--;
        _parked.AsSpan(at + 1, _count - at).CopyTo(_parked.AsSpan(at));
        _rounds = first.Rounds;
        return (first.Owner, first.Slot);
    }

    public void EndRound() => _rounds = 0;
}
