using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>What must hold for realms, their listeners and their limits.</summary>
internal static class RealmRules
{
    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        if (config.Realms.Count == 0)
            problems.Error("realms", "there is no realm; name at least one attached network under realms");
        var listeners = new Dictionary<(bool Udp, TransportAddress Address), string>();
        foreach (RealmConfig realm in config.Realms)
        {
            string path = $"realms.{realm.Name}";
            if (realm.Listen.Count == 0)
                problems.Error(
                    $"{path}.listen", "there is no listener; write at least one, such as udp://192.0.2.10:5060");
            for (int i = 0; i < realm.Listen.Count; i++)
                Listener(realm.Listen[i], $"{path}.listen[{i}]", realm.Name, listeners, problems);
            Identity(realm, path, problems);
            if (realm.Codecs is not null && realm.Media is null)
                problems.Warning($"{path}.codecs", "codecs has no effect where media is not anchored; write media too");
            Limits(realm, $"{path}.limits", problems);
        }
    }

    private static void Listener(
        ListenConfig listen, string path, string realm,
        Dictionary<(bool Udp, TransportAddress Address), string> listeners, ConfigProblems problems)
    {
        if (AddressRules.WhyNotLocal(listen.Address) is { } why)
        {
            problems.Error(path, why);
            return;
        }
        if (listen.Address.Port == 0) return;
        // TCP, TLS and WebSocket share the ports of TCP, so tcp and tls on one port are the same listener twice.
        if (!listeners.TryAdd((listen.Transport == SipTransport.Udp, listen.Address), realm))
        {
            string other = listeners[(listen.Transport == SipTransport.Udp, listen.Address)];
            problems.Error(
                path, $"realm \"{other}\" already listens on {listen.Address}; give each listener an address "
                + "or port of its own");
        }
    }

    private static void Identity(RealmConfig realm, string path, ConfigProblems problems)
    {
        if (realm.Advertise?.Address is { } advertised)
        {
            if (AddressRules.WhyNotLocal(advertised) is { } why)
                problems.Error($"{path}.advertise", why);
            else if (realm.Listen.Count > 0 && realm.Listen.All(l => l.Address.IsIPv4 != advertised.IsIPv4))
                problems.Error($"{path}.advertise", $"no listener of the realm is of the address family of "
                    + $"{realm.Advertise.Text}; advertise an address of the same family, or a name");
        }
        for (int i = 0; i < realm.Names.Count; i++)
        {
            if (!SipHost.TryParse(realm.Names[i], out SipHost? host) || host.Address is not null)
                problems.Error(
                    $"{path}.names[{i}]", $"\"{realm.Names[i]}\" is no host name; write one such as sip.example.net");
        }
    }

    private static void Limits(RealmConfig realm, string path, ConfigProblems problems)
    {
        if (realm.Limits is not { } limits) return;
        if (realm.Trust == RealmTrust.Trusted)
        {
            problems.Error(
                path, $"limits do not apply to a trusted realm; remove them, or make \"{realm.Name}\" untrusted");
            return;
        }
        problems.Range($"{path}.messages_per_second_per_source", limits.MessagesPerSecondPerSource, 1, 1_000_000);
        problems.Range(
            $"{path}.registrations_per_second_per_source", limits.RegistrationsPerSecondPerSource, 1, 1_000_000);
        problems.Range($"{path}.calls_per_second", limits.CallsPerSecond, 1, 1_000_000);
        problems.Range($"{path}.calls_max", limits.CallsMax, 1, 10_000_000);
        problems.Range($"{path}.connections_per_source_max", limits.ConnectionsPerSourceMax, 1, 1_000_000);
    }
}
