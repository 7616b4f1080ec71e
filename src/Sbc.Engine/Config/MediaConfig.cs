namespace Sbc.Engine.Config;

/// <summary><c>media</c> of the whole program; a realm's own <c>media</c> is <see cref="RealmMediaConfig"/>.</summary>
public sealed record MediaConfig
{
    public MediaDatapath Datapath { get; init; } = MediaDatapath.Auto;
}
