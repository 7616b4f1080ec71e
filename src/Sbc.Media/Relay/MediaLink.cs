using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>The two rings between one signalling worker and one media worker, and whom to wake.</summary>
/// <param name="signalling">The signalling worker's: rung when events were pushed.</param>
/// <param name="media">The media worker's: rung when commands were pushed.</param>
/// <param name="streamsMax">Streams this signalling worker may have at this media worker.</param>
/// <param name="gathered">Of them, those up to which its calls are gathered here.</param>
public sealed class MediaLink(
    Doorbell signalling, Doorbell media, int streamsMax, int gathered = MediaLimits.StreamsGathered,
    int commandCapacity = 4096, int eventCapacity = 4096)
{
    private int _packetsPerSecond;

    public SpscRing<RelayCommand> Commands { get; } = new(commandCapacity);

    public SpscRing<RelayEvent> Events { get; } = new(eventCapacity);

    public Doorbell Signalling { get; } = signalling;

    public Doorbell Media { get; } = media;

    public int StreamsMax { get; } = streamsMax;

    public int Gathered { get; } = gathered;

    /// <summary>What the media worker has received of late, from everybody. It writes, any thread may read.</summary>
    public int PacketsPerSecond
    {
        get => Volatile.Read(ref _packetsPerSecond);
        internal set => Volatile.Write(ref _packetsPerSecond, value);
    }
}
