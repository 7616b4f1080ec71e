using Sbc.Runtime;

namespace Sbc.Engine.Worker;

/// <summary>One worker's side of the crossbar: what it handed to others, what comes back, whom to wake.</summary>
public sealed class Handovers(int index, Crossbar crossbar)
{
    // What the others hold together leaves this worker a whole batch: it must always be able to receive.
    private const int HeldMax = Limits.ReceiveSlots - Limits.ReceiveBatch;

    private readonly int[] _held = new int[crossbar.Workers];
    private readonly int[] _answered = new int[Limits.ParkedMax];
    private int _answeredCount;
    private int _heldByAll;
    private ulong _ring;

    /// <summary>Whether another worker handed something to this one.</summary>
    public bool IsWaiting
    {
        get
        {
            for (int from = 0; from < crossbar.Workers; from++)
            {
                if (!crossbar.Handed(from, index).IsEmpty) return true;
            }
            return false;
        }
    }

    /// <summary>
    /// Gives a slot to another worker. False when it holds its share, or all hold too many: the slot stays.
    /// </summary>
    public bool TryPush(int worker, int slot)
    {
        if (_heldByAll == HeldMax || _held[worker] == Limits.HandOverMax) return false;
        if (!crossbar.Handed(index, worker).TryPush(slot)) return false;
        _held[worker]++;
        _heldByAll++;
        _ring |= 1UL << worker;
        return true;
    }

    /// <summary>Takes back the slots that others are done with.</summary>
    public void Reclaim()
    {
        PacketPool pool = crossbar.Pool(index);
        for (int user = 0; user < crossbar.Workers; user++)
        {
            SpscRing<int> ring = crossbar.Returned(user, index);
            while (ring.TryPop(out int slot))
            {
                _held[user]--;
                _heldByAll--;
                // An answer is read before its slot is free.
                if (pool.Header(slot).IsQuestion) _answered[_answeredCount++] = slot;
                else pool.Return(slot);
            }
        }
    }

    /// <summary>An answer that came back with its slot.</summary>
    public bool TryTakeAnswered(out int slot)
    {
        slot = _answeredCount > 0 ? _answered[--_answeredCount] : -1;
        return slot >= 0;
    }

    /// <summary>Wakes a worker at the end of the turn: it waits for an answer.</summary>
    public void Wake(int worker) => _ring |= 1UL << worker;

    /// <summary>Wakes each worker that was given something, once a turn.</summary>
    public void RingDoorbells()
    {
        for (int worker = 0; _ring != 0; worker++, _ring >>= 1)
        {
            if ((_ring & 1) != 0) crossbar.Doorbells[worker].Ring();
        }
    }
}
