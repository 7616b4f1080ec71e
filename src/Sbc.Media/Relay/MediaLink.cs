using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>The two rings between one signalling worker and one media worker, and whom to wake.</summary>
/// <param name="signalling">The signalling worker's: rung when events were pushed.</param>
/// <param name="media">The media worker's: rung when commands were pushed.</param>
/// <param name="streamsMax">Streams this signalling worker may have at this media worker.</param>
public sealed class MediaLink(
    Doorbell signalling, Doorbell media, int streamsMax, int commandCapacity = 4096, int eventCapacity = 4096)
{
    public SpscRing<RelayCommand> Commands { get; } = new(commandCapacity);

    public SpscRing<RelayEvent> Events { get; } = new(eventCapacity);

    public Doorbell Signalling { get; } = signalling;

    public Doorbell Media { get; } = media;

    public int StreamsMax { get; } = streamsMax;
}
