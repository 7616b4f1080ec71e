using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Engine.Worker;

/// <summary>
/// Requests that name calls of other workers (Replaces, Refer-To, dialog-info) wait here, in their slots, for what
/// those workers say of them. The question goes in a slot of its own over the crossbar and comes back as the answer.
/// </summary>
public sealed class Inquiries(int index, Crossbar crossbar, Handovers handovers, DialogNames names)
{
    private readonly Parked[] _parked = new Parked[Limits.ParkedMax];
    private int _count;
    private int _rounds;
    private long _seen;

    private readonly record struct Parked(int Owner, int Slot, int Rounds);

    /// <summary>Whether an answer came that was not taken.</summary>
    public bool HasAnswers => _count > 0 && crossbar.Answers(index) != _seen;

    /// <summary>Parks the request when it names a call that is not known here. False: it can go on as it is.</summary>
    public bool TryPark(SipMessage request, int owner, int slot)
    {
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
        _parked[_count++] = new Parked(owner, slot, _rounds + 1);
        return true;
    }

    /// <summary>Answers a question of another worker in its place, and sends it back.</summary>
    public void Answer(int from, int slot)
    {
        names.Answer(crossbar.Pool(from).Bytes(slot));
        Check.That(crossbar.Returned(index, from).TryPush(slot));
        crossbar.CountAnswer(from);
        handovers.Wake(from);
    }

    /// <summary>Takes the answers that came; then all that wait may try again.</summary>
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
            any = true;
        }
        return any;
    }

    public int Waiting => _count;

    /// <summary>Takes the request that waits longest.</summary>
    public (int Owner, int Slot) TakeFirst()
    {
        Parked first = _parked[0];
        _parked.AsSpan(1, --_count).CopyTo(_parked);
        _rounds = first.Rounds;
        return (first.Owner, first.Slot);
    }

    public void EndRound() => _rounds = 0;
}
