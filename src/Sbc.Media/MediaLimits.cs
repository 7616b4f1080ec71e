namespace Sbc.Media;

/// <summary>What one stream, session and worker may cost.</summary>
public static class MediaLimits
{
    /// <summary>
    /// Relayed m-lines of a call: audio, two videos, slides and text leave room. Further lines get port 0.
    /// </summary>
    public const int StreamsPerSessionMax = 8;

    /// <summary>
    /// Bits of a stream's index in the key of its sockets: 262,144 streams are four times that in sockets.
    /// </summary>
    public const int StreamIndexBits = 18;

    public const int StreamsPerWorkerMax = 1 << StreamIndexBits;

    /// <summary>
    /// Streams up to which one signalling worker's calls stay together at one media worker: 100 calls spread over two
    /// cost 11.7 us a packet, and 7.3 together.
    /// </summary>
    public const int StreamsGathered = 512;

    /// <summary>
    /// Packets that a media worker may have in a second before calls go to the next one: a third of a processor.
    /// </summary>
    public const int PacketsPerSecondGathered = 50_000;

    /// <summary>
    /// Streams that share a pair of ports: the early dialogs of one call. Their source is looked for one by one.
    /// </summary>
    public const int ForksPerStreamMax = 16;

    /// <summary>An Ethernet frame's payload fits; media senders fragment nothing, so more is no media.</summary>
    public const int DatagramBytesMax = 2048;

    /// <summary>
    /// Accepted packets of one port in a second. High-definition video stays below 3000; without a bound two calls
    /// whose ports name each other would pass one packet round for ever.
    /// </summary>
    public const int PacketsPerSecondMax = 5000;

    /// <summary>One recvmmsg. A longer batch makes its first packet wait for its last.</summary>
    public const int BatchPackets = 64;

    /// <summary>
    /// How far the sequence may jump for a new source to be the same sender: four seconds at 20 ms, a handover
    /// between networks. RFC 3550 A.1 has 3000 for one source; a stranger must not get that many guesses.
    /// </summary>
    public const int ContinuitySequenceMax = 200;

    /// <summary>MAX_DROPOUT and MAX_MISORDER of RFC 3550 A.1.</summary>
    public const int DropoutMax = 3000;

    public const int MisorderMax = 100;

    /// <summary>Pairs of ports in a block: what a worker borrows at once.</summary>
    public const int BlockPairs = 16;

    /// <summary>Tries to bind before a call is refused: another program may sit in the middle of the range.</summary>
    public const int BindAttemptsMax = 8;

    /// <summary>How long a pair rests that another program had bound.</summary>
    public const int AsideMilliseconds = 60_000;

    /// <summary>Every stream is looked at for silence once a second, a tenth of them at a time.</summary>
    public const int SweepMilliseconds = 100;

    public const int SweepParts = 10;

    /// <summary>How often a stream's statistics are told to its signalling worker.</summary>
    public const int MeasureSeconds = 5;

    /// <summary>
    /// When the ring of events was full: soon enough for ports, late enough for the other side to drain.
    /// </summary>
    public const int EventRetryMilliseconds = 5;

    /// <summary>Events handed to a signalling worker at once; the rest waits in the rings.</summary>
    public const int EventsPerDrainMax = 256;
}
