namespace Sbc.Engine.Config;

/// <summary><c>trust</c>: whether what comes from there is believed.</summary>
public enum RealmTrust
{
    /// <summary>Strangers: limits apply, identities and foreign Routes are not believed.</summary>
    Untrusted,

    /// <summary>Our own network: no limits, identities pass.</summary>
    Trusted,
}
