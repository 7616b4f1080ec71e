using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>What came from one source, counted as RFC 3550 A.1, A.3 and A.8 say.</summary>
/// <remarks>
/// Arrival is the time of the turn, so jitter is as coarse as a batch is long: well below a millisecond.
/// </remarks>
public struct RtpStatistics
{
    private ushort _sequenceMax;
    private bool _isStarted;
    private uint _cycles;
    private uint _sequenceBase;
    private uint _sequenceBad;
    private uint _jitter16;
    private uint _transit;
    private long _received;
    private long _lostBefore;

    /// <summary>Expected less received, over all sources; negative with duplicates (RFC 3550 A.3).</summary>
    public readonly long Lost => _lostBefore + LostNow;

    /// <summary>In units of the clock of the media.</summary>
    public readonly uint Jitter => _jitter16 >> 4;

    /// <summary>The highest sequence number seen of the present source.</summary>
    public readonly ushort SequenceMax => _sequenceMax;

    private readonly long LostNow =>
        _isStarted ? (long)_cycles + _sequenceMax - _sequenceBase + 1 - _received : 0;

    /// <summary>A new synchronization source counts for itself; what was lost of the old one stays lost.</summary>
    public void NewSource()
    {
        long lost = Lost;
        this = default;
        _lostBefore = lost;
    }

    public void Receive(ushort sequence, uint timestamp, int clockHz, Instant now)
    {
        if (!_isStarted)
        {
            Start(sequence);
        }
        else
        {
            Advance(sequence);
        }
        // In two parts, so that no product leaves 64 bits.
        long milliseconds = now.Microseconds / 1000, microseconds = now.Microseconds % 1000;
        uint arrival = (uint)(ulong)((milliseconds * clockHz / 1000) + (microseconds * clockHz / 1_000_000));
        uint transit = arrival - timestamp;
        if (_received > 1)
        {
            int difference = (int)(transit - _transit);
            uint distance = difference < 0 ? (uint)-(long)difference : (uint)difference;
            _jitter16 += distance - ((_jitter16 + 8) >> 4);
        }
        _transit = transit;
    }

    private void Start(ushort sequence)
    {
        _isStarted = true;
        _sequenceBase = sequence;
        _sequenceMax = sequence;
        _sequenceBad = uint.MaxValue;
        _cycles = 0;
        _received = 1;
    }

    private void Advance(ushort sequence)
    {
        ushort step = (ushort)(sequence - _sequenceMax);
        if (step < MediaLimits.DropoutMax)
        {
            if (sequence < _sequenceMax) _cycles += 1 << 16;
            _sequenceMax = sequence;
        }
        else if (step <= ushort.MaxValue - MediaLimits.MisorderMax)
        {
            // Two in a row after a jump: the sender restarted without telling. One alone may be a stray.
            if (sequence != _sequenceBad)
            {
                _sequenceBad = (ushort)(sequence + 1);
                return;
            }
            long lost = Lost;
            Start(sequence);
            _lostBefore = lost;
            return;
        }
        _received++;
    }
}
