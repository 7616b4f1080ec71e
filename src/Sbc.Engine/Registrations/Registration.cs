using Sbc.Engine.Pipeline;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Registrations;

/// <summary>A REGISTER, where it came from and whom it is about: what every step of its way needs.</summary>
public readonly ref struct Registration
{
    public required SipMessage Register { get; init; }

    public required ViaValue Via { get; init; }

    public required Origin Origin { get; init; }

    public required Registrar Registrar { get; init; }

    /// <summary>The address-of-record, in its canonical form.</summary>
    public required ReadOnlySpan<byte> Aor { get; init; }

    /// <summary>Its keyed hash.</summary>
    public required ulong Hash { get; init; }
}
