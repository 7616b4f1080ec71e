namespace Sbc.Sip.Authentication;

/// <summary>Quality of protection (RFC 7616 3.4): what a response covers.</summary>
public enum DigestQop : byte
{
    /// <summary>None named, as clients of RFC 2069 do: no count, no nonce of the client.</summary>
    None,

    /// <summary>Method and URI.</summary>
    Auth,

    /// <summary>The body too.</summary>
    AuthInt,
}
