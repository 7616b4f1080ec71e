using System.Runtime.InteropServices;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Engine.Worker;

/// <summary>
/// How received packets move between workers: a ring for each pair and direction, and one for the way back.
/// </summary>
/// <remarks>The packet stays in its receiver's slot with its index; only the slot's number moves.</remarks>
public sealed class Crossbar
{
    private readonly SpscRing<int>[] _handed;
    private readonly SpscRing<int>[] _returned;
    private readonly AnswerCount[] _answers;
    private readonly PacketPool[] _pools;
    private readonly SipMessage[][] _messages;

    public Crossbar(int workers, Doorbell[] doorbells)
    {
        Check.That(workers <= Limits.WorkersMax && doorbells.Length == workers);
        Workers = workers;
        Doorbells = doorbells;
        _handed = new SpscRing<int>[workers * workers];
        _returned = new SpscRing<int>[workers * workers];
        _answers = new AnswerCount[workers];
        _pools = new PacketPool[workers];
        _messages = new SipMessage[workers][];
        for (int i = 0; i < workers; i++)
        {
            _pools[i] = new PacketPool(Limits.ReceiveSlots);
            _messages[i] = new SipMessage[Limits.ReceiveSlots];
        }
        for (int i = 0; i < workers * workers; i++)
        {
            _handed[i] = new SpscRing<int>(Limits.HandOverMax);
            _returned[i] = new SpscRing<int>(Limits.ReceiveSlots);
        }
    }

    /// <summary>One cache line each: written by whoever answers.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct AnswerCount
    {
        [FieldOffset(64)]
        public long Count;
    }

    public int Workers { get; }

    /// <summary>Answers that a worker was given so far; whoever waits for one compares with what it has seen.</summary>
    public long Answers(int worker) => Volatile.Read(ref _answers[worker].Count);

    /// <summary>After the slot of an answer went back.</summary>
    public void CountAnswer(int worker) => Interlocked.Increment(ref _answers[worker].Count);

    public Doorbell[] Doorbells { get; }

    public PacketPool Pool(int worker) => _pools[worker];

    /// <summary>The index of what is in a slot; made with the slot's first use, before it is handed to anybody.</summary>
    public SipMessage Message(int worker, int slot) => _messages[worker][slot] ??= new SipMessage();

    /// <summary>Packets that <paramref name="from"/> handed to <paramref name="to"/>.</summary>
    public SpscRing<int> Handed(int from, int to) => _handed[(from * Workers) + to];

    /// <summary>Slots of <paramref name="owner"/> that <paramref name="user"/> is done with.</summary>
    public SpscRing<int> Returned(int user, int owner) => _returned[(user * Workers) + owner];
}
