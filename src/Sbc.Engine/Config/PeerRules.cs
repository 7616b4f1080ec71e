using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>What must hold for peers.</summary>
internal static class PeerRules
{
    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        var known = new Dictionary<(string Realm, SipTransport Transport, TransportAddress Address), string>();
        foreach (PeerConfig peer in config.Peers)
        {
            string path = $"peers.{peer.Name}";
            RealmConfig? realm = Realm(config, peer, path, problems);
            if (peer.Uri is null)
                problems.Error($"{path}.uri", "a peer needs a uri, such as sip:10.0.0.21:5060");
            else if (peer.Uri.Address is { } address)
                Reach(config, peer, realm, address, $"{path}.uri", known, problems);
            else if (realm is not null && realm.Listen.Count > 0
                && realm.Listen.All(l => l.Transport != peer.Uri.Transport))
            {
                problems.Error($"{path}.uri", $"realm \"{realm.Name}\" has no "
                    + $"{ConfigWords.Transport.Name(peer.Uri.Transport)} listener to reach it from; add one");
            }
            problems.Range($"{path}.calls_max", peer.CallsMax, 1, 10_000_000);
            problems.Range($"{path}.calls_per_second", peer.CallsPerSecond, 1, 1_000_000);
            if (peer.Auth is { User: "" }) problems.Error($"{path}.auth.user", "auth needs a user");
            if (peer.Auth is { } auth) Auth(auth, $"{path}.auth", problems);
            if (peer.Auth is { Password: null })
                problems.Error($"{path}.auth.password_file", "auth needs a password_file (or a password)");
        }
    }

    private static void Auth(PeerAuthConfig auth, string path, ConfigProblems problems)
    {
        // Both stand between quotes, where these two mean something else.
        if (auth.User.Any(c => c is '"' or '\\' || char.IsControl(c)))
            problems.Error($"{path}.user", "a user has no quotes, backslashes or control characters");
        if (auth.Realm is { } realm && (realm == "" || realm.Any(c => c is '"' or '\\' || char.IsControl(c))))
            problems.Error($"{path}.realm", "a realm is a text without quotes, backslashes or control characters");
        problems.Range($"{path}.expires_seconds", auth.ExpiresSeconds, 60, Limits.TrunkExpiresSecondsMax);
    }

    private static RealmConfig? Realm(SbcConfig config, PeerConfig peer, string path, ConfigProblems problems)
    {
        RealmConfig? realm = config.FindRealm(peer.Realm);
        if (peer.Realm == "")
            problems.Error($"{path}.realm", "a peer needs a realm: the network it is reached through");
        else if (realm is null)
            problems.Error($"{path}.realm", $"there is no realm \"{peer.Realm}\""
                + NearestName.Hint(peer.Realm, [.. config.Realms.Select(r => r.Name)]));
        return realm;
    }

    private static void Reach(
        SbcConfig config, PeerConfig peer, RealmConfig? realm, TransportAddress address, string path,
        Dictionary<(string Realm, SipTransport Transport, TransportAddress Address), string> known,
        ConfigProblems problems)
    {
        SipTransport transport = peer.Uri!.Transport;
        if (AddressRules.WhyNotUnicast(address) is { } why)
        {
            problems.Error(path, why);
            return;
        }
        bool ours = config.Realms.Any(r => r.Listen.Any(l => l.Transport == transport && l.Address == address));
        if (ours)
            problems.Error(
                path, $"{address} is a listener of this box, so calls would go in circles; write the peer's");
        if (realm is not null && realm.Listen.Count > 0
            && !realm.Listen.Any(l => l.Transport == transport && l.Address.IsIPv4 == address.IsIPv4))
        {
            string family = address.IsIPv4 ? "IPv4" : "IPv6";
            problems.Error(
                path, $"realm \"{realm.Name}\" has no {ConfigWords.Transport.Name(transport)} listener on an "
                + $"{family} address to reach {address} from; add one");
        }
        if (!known.TryAdd((peer.Realm, transport, address), peer.Name))
        {
            problems.Warning(path, $"peer \"{known[(peer.Realm, transport, address)]}\" has the same address, and the "
                + "requests of both count as that one's");
        }
    }
}
