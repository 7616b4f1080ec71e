namespace Sbc.Engine.Routing;

/// <summary>How this box proves itself to a peer, compiled. No record: those show what they hold.</summary>
public sealed class PeerAuth
{
    public required byte[] User { get; init; }

    public required byte[] Password { get; init; }

    /// <summary>
    /// The only realm whose challenges are answered; empty: the one that the peer's first challenge names.
    /// </summary>
    public byte[] Realm { get; init; } = [];

    /// <summary>The box registers itself there.</summary>
    public bool Registers { get; init; }

    /// <summary>Life of the registration that is asked for.</summary>
    public int ExpiresSeconds { get; init; }
}
