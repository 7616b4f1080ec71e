namespace Sbc.Engine.Config;

/// <summary>One entry of <c>realms</c>: an attached network.</summary>
public sealed record RealmConfig
{
    private readonly NatMode? _nat;
    private readonly AnswerOptions? _answerOptions;

    /// <summary>The key in <c>realms</c>; unique across realms, peers and groups, and a metric label.</summary>
    public required string Name { get; init; }

    /// <summary><c>trust</c>. Default untrusted: what is forgotten must fail closed.</summary>
    public RealmTrust Trust { get; init; } = RealmTrust.Untrusted;

    /// <summary><c>listen</c>: where the realm is served; at least one. The first of a transport and address
    /// family is the one that our own requests leave from.</summary>
    public IReadOnlyList<ListenConfig> Listen { get; init; } = [];

    /// <summary><c>advertise</c>: address or name written into Via, Contact and Record-Route in place of the
    /// listener's, behind 1:1 NAT. Null: the listener's own address.</summary>
    public SipHost? Advertise { get; init; }

    /// <summary><c>names</c>: host names that are this box when a Request-URI or a Route carries them.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary><c>interface</c>: for the kernel's part; null: found from the address.</summary>
    public string? Interface { get; init; }

    /// <summary><c>nat</c>. Default auto where untrusted (phones sit behind NAT), off where trusted.</summary>
    public NatMode Nat
    {
        get => _nat ?? (Trust == RealmTrust.Untrusted ? NatMode.Auto : NatMode.Off);
        init => _nat = value;
    }

    /// <summary><c>answer_options</c>. Default known where untrusted, all where trusted.</summary>
    public AnswerOptions AnswerOptions
    {
        get => _answerOptions ?? (Trust == RealmTrust.Untrusted ? AnswerOptions.Known : AnswerOptions.All);
        init => _answerOptions = value;
    }

    /// <summary><c>in_dialog_source</c>. Default any: the tags are secret enough, and NAT bindings move.</summary>
    public InDialogSource InDialogSource { get; init; } = InDialogSource.Any;

    /// <summary><c>strictness</c>. Default tolerant, whatever the trust: what calls elsewhere calls here.</summary>
    public Strictness Strictness { get; init; } = Strictness.Tolerant;

    /// <summary><c>authenticate</c>: new requests, but of peers, need the credentials of a user of the registrar
    /// (407). Default false.</summary>
    public bool Authenticate { get; init; }

    /// <summary><c>media</c>. Null where absent: this realm's media is not anchored.</summary>
    public RealmMediaConfig? Media { get; init; }

    /// <summary><c>codecs</c>: what descriptions that come from or go to this realm may name. Null: all.</summary>
    public CodecsConfig? Codecs { get; init; }

    /// <summary><c>media.latching</c>, or its default: signalling where untrusted, strict where trusted,
    /// because inside our own network nothing rewrites the address that an SDP names.</summary>
    public Latching Latching =>
        Media?.Latching ?? (Trust == RealmTrust.Untrusted ? Latching.Signalling : Latching.Strict);

    /// <summary><c>tls</c>: certificates of the realm's tls and wss listeners.</summary>
    public RealmTlsConfig? Tls { get; init; }

    /// <summary><c>allow</c>: sources that are never limited or banned. Default: none.</summary>
    public IReadOnlyList<AddressListEntry> Allow { get; init; } = [];

    /// <summary><c>deny</c>: sources that are dropped unread. Default: none.</summary>
    public IReadOnlyList<AddressListEntry> Deny { get; init; } = [];

    /// <summary><c>limits</c> as written; null where absent.</summary>
    public LimitsConfig? Limits { get; init; }

    /// <summary>The limits that apply: those written or the defaults where untrusted; none where trusted.</summary>
    public LimitsConfig? LimitsInForce => Trust == RealmTrust.Trusted ? null : Limits ?? new LimitsConfig();

    /// <summary>The host that messages sent from this listener carry; IPv6 in brackets. An advertised address of the
    /// other family is not used, since the far side could not reach the listener there.</summary>
    public string HostWritten(ListenConfig listen)
    {
        bool advertised = Advertise is { } host
            && (host.Address is not { } address || address.IsIPv4 == listen.Address.IsIPv4);
        return advertised ? Advertise!.Text : SipHost.Of(listen.Address).Text;
    }
}
