using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// One Contact of an address-of-record (RFC 3261 10) and the flow it was registered on. Its texts lie one after the
/// other in <see cref="Text"/>, in the order of the lengths.
/// </summary>
public struct Binding
{
    public BufferRef Text;
    public ushort ContactLength;
    public ushort CallIdLength;
    public ushort PathLength;

    /// <summary>+sip.instance as it was written, without quotes (RFC 5626 4.1).</summary>
    public ushort InstanceLength;
    public ushort UserAgentLength;

    /// <summary>Feature parameters of the Contact (RFC 3840), each with its semicolon.</summary>
    public ushort FeaturesLength;

    /// <summary>Bytes of the Service-Route in <see cref="Core"/>.</summary>
    public ushort ServiceRouteLength;

    /// <summary>Thousandths.</summary>
    public ushort Quality;

    /// <summary>Where it came in; requests to it leave from there.</summary>
    public byte Listener;

    public BindingTraits Traits;

    /// <summary>Of that listener: another one may have its index by now.</summary>
    public ushort ListenerGeneration;

    /// <summary>RFC 5626 4.2; 0: none.</summary>
    public uint RegId;

    /// <summary>Of the REGISTER that last changed it.</summary>
    public uint CSeq;

    /// <summary>Of the first REGISTER with its Call-ID: temporary GRUUs from then on are good (RFC 5628 5.2).</summary>
    public uint FirstCSeq;

    /// <summary>Where that came from, and where requests to it go.</summary>
    public TransportAddress Remote;
    public Instant ExpiresAt;

    /// <summary>Its name at the core registrar; none where the registrar is the box's own.</summary>
    public ContactId Id;

    /// <summary>What the core registrar said with it: Service-Route, then P-Associated-URI.</summary>
    public BufferRef Core;

    /// <summary>Until when the core registrar has it: after <see cref="ExpiresAt"/> nobody is called there, but the
    /// phone is known when it comes back.</summary>
    public Instant RegistrarExpiresAt;

    /// <summary>When it was last confirmed there.</summary>
    public Instant ConfirmedAt;

    /// <summary>Row of the peer that did; -1: not known after a restart.</summary>
    public short Peer;

    /// <summary>When the core registrar shall see it again.</summary>
    public Instant RefreshAt;

    /// <summary>Changes with each REGISTER, so that of two with one q the fresher one comes first.</summary>
    public Instant UpdatedAt;

    /// <summary>The <see cref="UpdatedAt"/> of the REGISTER through whose flow a request went unanswered. Any worker
    /// writes it.</summary>
    public Instant SilentUpdate;

    /// <summary>The same where the flow is known to be gone: an ICMP error, or an edge's 430.</summary>
    public Instant GoneUpdate;

    /// <summary>Next one of the address-of-record; -1: none.</summary>
    public int Next;

    /// <summary>Row of the address-of-record.</summary>
    public int Owner;
    public int Timer;

    /// <summary>When nothing of it is needed any more.</summary>
    public readonly Instant GoneAt => Id.IsNone ? ExpiresAt : RegistrarExpiresAt;

    /// <summary>It is passed over until it is refreshed (RFC 5626 7).</summary>
    public readonly bool HasFailed => IsGone || (SilentUpdate != default && SilentUpdate == UpdatedAt);

    public readonly bool IsGone => GoneUpdate != default && GoneUpdate == UpdatedAt;

    public readonly int TextLength =>
        ContactLength + CallIdLength + PathLength + InstanceLength + UserAgentLength + FeaturesLength;
}

[Flags]
public enum BindingTraits : byte
{
    None,

    /// <summary>The REGISTER did not come from where its Contact is.</summary>
    Nat = 1,

    /// <summary>Registered as RFC 5626 has it: instance and reg-id, and the flow is what is kept.</summary>
    Outbound = 2,

    /// <summary>It asked for GRUUs (RFC 5627).</summary>
    Gruu = 8,

    /// <summary>It has another address than when the core registrar saw it.</summary>
    Moved = 16,

    /// <summary>It was registered again since it was created (RFC 3680 5.3).</summary>
    Refreshed = 32,
}

/// <summary>The texts of a binding.</summary>
public readonly ref struct BindingText(ReadOnlySpan<byte> text, in Binding binding)
{
    private readonly ReadOnlySpan<byte> _text = text;
    private readonly int _callId = binding.ContactLength;
    private readonly int _path = binding.ContactLength + binding.CallIdLength;
    private readonly int _instance = binding.ContactLength + binding.CallIdLength + binding.PathLength;
    private readonly int _agent =
        binding.ContactLength + binding.CallIdLength + binding.PathLength + binding.InstanceLength;
    private readonly int _features = binding.TextLength - binding.FeaturesLength;

    /// <summary>URI.</summary>
    public ReadOnlySpan<byte> Contact => _text[.._callId];

    public ReadOnlySpan<byte> CallId => _text[_callId.._path];

    /// <summary>Values of Path, topmost first, as a Route field has them (RFC 3327 5.3).</summary>
    public ReadOnlySpan<byte> Path => _text[_path.._instance];

    public ReadOnlySpan<byte> Instance => _text[_instance.._agent];

    public ReadOnlySpan<byte> UserAgent => _text[_agent.._features];

    public ReadOnlySpan<byte> Features => _text[_features..];
}

/// <summary>What the core registrar said with a binding.</summary>
public readonly ref struct BindingCore(ReadOnlySpan<byte> text, in Binding binding)
{
    private readonly int _routeLength = binding.ServiceRouteLength;
    private readonly ReadOnlySpan<byte> _text = text;

    /// <summary>Value of the Route field of the phone's requests (RFC 3608); empty: none.</summary>
    public ReadOnlySpan<byte> ServiceRoute => _text[.._routeLength];

    /// <summary>Value of P-Associated-URI (RFC 7315 4.1); empty: none.</summary>
    public ReadOnlySpan<byte> Identities => _text[_routeLength..];
}
