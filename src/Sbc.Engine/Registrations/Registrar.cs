using System.Text;
using Sbc.Engine.Routing;

namespace Sbc.Engine.Registrations;

/// <summary>The registrar of its own, compiled: whose users it has and what they may.</summary>
public sealed class Registrar
{
    /// <summary>Domains that are served, in small letters; the first one is also the box's own addresses and names.
    /// </summary>
    /// <remarks>An IPv6 address has its brackets.</remarks>
    public required byte[][] Domains { get; init; }

    public required UserTable Users { get; init; }

    /// <summary>It asks who registers for credentials, as a registrar of its own does if not told otherwise.</summary>
    public required bool Challenges { get; init; }

    public required bool AsksSha256 { get; init; }

    public required bool AsksMd5 { get; init; }

    /// <summary>Seconds: less is refused with 423 (RFC 3261 10.3 step 6).</summary>
    public required int ExpiresMin { get; init; }

    /// <summary>More is made this.</summary>
    public required int ExpiresMax { get; init; }

    /// <summary>The same for phones behind NAT, where the realm looks for it.</summary>
    public required int ExpiresMaxNat { get; init; }

    /// <summary>Bindings of one address-of-record.</summary>
    public required int ContactsMax { get; init; }

    /// <summary>Bindings of the whole box.</summary>
    public required int BindingsMax { get; init; }

    /// <summary>The core registrar that the box is in front of; null: it is the registrar itself.</summary>
    public RegistrarRelay? Relay { get; init; }

    /// <summary>The served domain that a host stands for.</summary>
    /// <param name="host">As written.</param>
    /// <param name="realm">Where it was said.</param>
    /// <param name="domain">In small letters.</param>
    public bool TryFindDomain(ReadOnlySpan<byte> host, Realm realm, out byte[] domain)
    {
        foreach (byte[] served in Domains)
        {
            if (!Ascii.EqualsIgnoreCase(served, host)) continue;
            domain = served;
            return true;
        }
        domain = Domains[0];
        return realm.IsOwnHost(host);
    }
}
