using Sbc.Engine.Config;
using Sbc.Runtime;

namespace Sbc.Program.Configuration;

/// <summary>An entry of <c>realms</c> to <see cref="RealmConfig"/>.</summary>
internal static class RealmBinder
{
    public static RealmConfig Bind(string name, MappingReader map)
    {
        var realm = new RealmConfig
        {
            Name = name,
            Trust = map.Word("trust", ConfigWords.Trust) ?? RealmTrust.Untrusted,
            Listen = Listen(map),
            Advertise = map.Parsed<SipHost>("advertise", ParseHost),
            Names = map.Texts("names", single: true),
            Interface = map.Text("interface"),
            InDialogSource = map.Word("in_dialog_source", ConfigWords.InDialogSource) ?? InDialogSource.Any,
            Strictness = map.Word("strictness", ConfigWords.Strictness) ?? Strictness.Tolerant,
            Codecs = map.Mapping("codecs") is { } codecs ? CodecsBinder.Bind(codecs) : null,
            Authenticate = map.Flag("authenticate") ?? false,
            Tls = map.Mapping("tls") is { } tls ? Tls(tls) : null,
            Allow = AddressList(map, "allow"),
            Deny = AddressList(map, "deny"),
            Limits = map.Mapping("limits") is { } limits ? Limits(limits) : null,
        };
        if (map.Word("nat", ConfigWords.Nat) is { } nat) realm = realm with { Nat = nat };
        if (map.Word("answer_options", ConfigWords.AnswerOptions) is { } options)
            realm = realm with { AnswerOptions = options };
        if (map.Mapping("media") is { } media) realm = realm with { Media = Media(media, realm) };
        map.Done();
        return realm;
    }

    private static List<ListenConfig> Listen(MappingReader map)
    {
        var listeners = new List<ListenConfig>();
        foreach (ValueReader item in map.Items("listen", single: true))
        {
            item.HintAtUnquotedIPv6();
            if (item.TryParse((string text, out ListenConfig value, out string error) =>
                ListenConfig.TryParse(text, map.Reading.Facts, out value!, out error), out ListenConfig listen))
            {
                listeners.Add(listen);
            }
        }
        return listeners;
    }

    private static RealmMediaConfig Media(MappingReader map, RealmConfig realm)
    {
        var defaults = new RealmMediaConfig();
        ISystemFacts facts = map.Reading.Facts;
        bool Resolve(string text, out TransportAddress value, out string error) =>
            InterfaceAddress.TryResolve(text, facts, out value, out _, out error);

        IReadOnlyList<TransportAddress> addresses = map.List<TransportAddress>("address", Resolve, single: true);
        if (map.Value("address") is null) addresses = AddressesOfListeners(realm);
        var media = new RealmMediaConfig
        {
            Addresses = addresses,
            Advertise = map.List<TransportAddress>("advertise", ParseAddress, single: true),
            Ports = map.Value("ports")?.Parsed<PortRange>(PortRange.TryParse) ?? defaults.Ports,
            Latching = map.Word("latching", ConfigWords.Latching),
            LatchMask = map.Mapping("latch_mask") is { } mask ? Mask(mask) : defaults.LatchMask,
            SilenceSeconds = map.Whole("silence_seconds") ?? defaults.SilenceSeconds,
            QuarantineMs = map.Whole("quarantine_ms") ?? defaults.QuarantineMs,
            Dscp = map.Whole("dscp") ?? defaults.Dscp,
        };
        map.Done();
        return media;
    }

    private static LatchMask Mask(MappingReader map)
    {
        var mask = new LatchMask(map.Whole("ipv4") ?? LatchMask.Whole.IPv4, map.Whole("ipv6") ?? LatchMask.Whole.IPv6);
        map.Done();
        return mask;
    }

    /// <summary>The first of each family.</summary>
    private static List<TransportAddress> AddressesOfListeners(RealmConfig realm)
    {
        var addresses = new List<TransportAddress>();
        foreach (ListenConfig listen in realm.Listen)
            if (addresses.All(a => a.IsIPv4 != listen.Address.IsIPv4)) addresses.Add(listen.Address.WithPort(0));
        return addresses;
    }

    private static RealmTlsConfig Tls(MappingReader map)
    {
        var certificates = new List<CertificateConfig>();
        foreach (ValueReader item in map.Items("certificates"))
            if (ServiceBinder.Certificate(item.Mapping()) is { } certificate) certificates.Add(certificate);
        var tls = new RealmTlsConfig { Certificates = certificates, ClientCaFile = map.File("client_ca") };
        map.Done();
        return tls;
    }

    private static List<AddressListEntry> AddressList(MappingReader map, string key)
    {
        var entries = new List<AddressListEntry>();
        foreach (ValueReader item in map.Items(key))
        {
            if (item.IsMapping)
            {
                MappingReader entry = item.Mapping();
                entries.Add(new AddressListEntry(null, entry.File("file")));
                entry.Done();
            }
            else if (item.TryParse<IPPrefix>(IPPrefix.TryParse, out IPPrefix prefix))
            {
                entries.Add(new AddressListEntry(prefix, null));
            }
        }
        return entries;
    }

    private static LimitsConfig Limits(MappingReader map)
    {
        var defaults = new LimitsConfig();
        var limits = new LimitsConfig
        {
            MessagesPerSecondPerSource =
                map.Whole("messages_per_second_per_source") ?? defaults.MessagesPerSecondPerSource,
            RegistrationsPerSecondPerSource =
                map.Whole("registrations_per_second_per_source") ?? defaults.RegistrationsPerSecondPerSource,
            CallsPerSecond = map.Whole("calls_per_second") ?? defaults.CallsPerSecond,
            CallsMax = map.Whole("calls_max") ?? defaults.CallsMax,
            ConnectionsPerSourceMax = map.Whole("connections_per_source_max") ?? defaults.ConnectionsPerSourceMax,
        };
        map.Done();
        return limits;
    }

    private static bool ParseHost(string text, out SipHost host, out string error)
    {
        bool good = SipHost.TryParse(text, out SipHost? parsed);
        host = parsed!;
        error = good ? "" : $"\"{text}\" is neither an address nor a host name; write one of them, without a port";
        return good;
    }

    /// <summary>SDP could carry a name, but peers rarely resolve one.</summary>
    private static bool ParseAddress(string text, out TransportAddress address, out string error)
    {
        bool good = SipHost.TryParse(text, out SipHost? host) && host.Address is not null;
        address = good ? host!.Address!.Value : default;
        error = good ? "" : $"\"{text}\" is no IP address; write the address that RTP is sent to";
        return good;
    }
}
