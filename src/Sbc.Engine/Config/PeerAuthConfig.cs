namespace Sbc.Engine.Config;

/// <summary><c>auth</c> of a peer: how this box proves itself to it (RFC 8760).</summary>
public sealed record PeerAuthConfig
{
    public string User { get; init; } = "";

    /// <summary><c>password</c> or <c>password_file</c>.</summary>
    public Secret? Password { get; init; }

    /// <summary><c>realm</c>: the only one whose challenges are answered. Null: the one that the peer's first
    /// challenge names.</summary>
    public string? Realm { get; init; }

    /// <summary><c>expires_seconds</c>: life of the registration that is asked for. Default 3600.</summary>
    public int ExpiresSeconds { get; init; } = 3600;

    /// <summary><c>register</c>: this box registers at the peer and keeps the binding alive. Default false.</summary>
    public bool Register { get; init; }
}
