using Sbc.Sip.Sdp;

namespace Sbc.Engine.Config;

/// <summary><c>codecs</c> of a realm or a route: encoding names (RFC 4855), as PCMA or opus/48000.</summary>
public sealed record CodecsConfig
{
    /// <summary><c>allow</c>: these and no others; tones and comfort noise stay. Empty: all.</summary>
    public IReadOnlyList<string> Allow { get; init; } = [];

    /// <summary><c>deny</c>: not these.</summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary><c>order</c>: offers name these first, in this order. The route's counts, else that of the realm it
    /// goes to.</summary>
    public IReadOnlyList<string> Order { get; init; } = [];

    /// <summary>For whoever applies it.</summary>
    public SdpCodecPolicy Policy => new() { Allow = Parsed(Allow), Deny = Parsed(Deny), Order = Parsed(Order) };

    private static SdpCodec[] Parsed(IReadOnlyList<string> names) =>
        [.. names.Select(name => SdpCodec.TryParse(name, out SdpCodec codec) ? codec : default)];
}
