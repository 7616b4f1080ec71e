namespace Sbc.Engine.Config;

/// <summary>What the configuration can say and this version cannot do. A version that can deletes the line.</summary>
/// <remarks>Refused, not ignored: an operator who wrote it relies on it. Only what does no harm is a warning.</remarks>
internal sealed class Unavailable(ConfigProblems problems)
{
    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        var refuse = new Unavailable(problems);
        foreach (RealmConfig realm in config.Realms) refuse.Realm(realm, $"realms.{realm.Name}");
        foreach (PeerConfig peer in config.Peers) refuse.Peer(peer, $"peers.{peer.Name}");
        refuse.Services(config);
    }

    private void Realm(RealmConfig realm, string at)
    {
        for (int i = 0; i < realm.Listen.Count; i++)
        {
            SipTransport transport = realm.Listen[i].Transport;
            string feature = $"a {ConfigWords.Transport.Name(transport)} listener";
            Refuse(transport != SipTransport.Udp, $"{at}.listen[{i}]", feature, "; write udp://");
        }
        Refuse(realm.Tls is not null, $"{at}.tls", "tls");
        Refuse(realm.Allow.Count > 0, $"{at}.allow", "an allow list");
        Refuse(realm.Deny.Count > 0, $"{at}.deny", "a deny list");
    }

    private void Peer(PeerConfig peer, string at)
    {
        Refuse(peer.Uri is { Transport: not SipTransport.Udp }, $"{at}.uri", "a peer over tcp, tls or WebSocket",
            "; leave the transport out");
    }

    private void Services(SbcConfig config)
    {
        Refuse(config.Guard.Kernel == KernelUse.Required, "guard.kernel", "kernel: required", "; write auto");
        Refuse(config.Media.Datapath == MediaDatapath.Kernel, "media.datapath", "datapath: kernel", "; write auto");
        Refuse(config.Emergency.Count > 0, "emergency", "emergency");
        Refuse(config.Records is not null, "records", "records");
        Refuse(config.HepGiven, "hep", "hep");
        Refuse(config.Admin.Tls is not null, "admin.tls", "tls of the admin interface");
        GuardConfig guard = config.Guard;
        NoEffect(guard.BanSeconds is not null, "guard.ban_seconds", "ban_seconds", "which bans nobody");
        NoEffect(guard.BanSecondsMax is not null, "guard.ban_seconds_max", "ban_seconds_max", "which bans nobody");
        foreach (RealmConfig realm in config.Realms)
        {
            string path = $"realms.{realm.Name}.interface";
            NoEffect(realm.Interface is not null, path, "interface", "which has no kernel part");
        }
    }

    private void Refuse(bool written, string path, string feature, string instead = "")
    {
        if (written) problems.Error(path, $"{feature} is not available in this version{instead}");
    }

    private void NoEffect(bool written, string path, string key, string because)
    {
        if (written) problems.Warning(path, $"{key} has no effect in this version, {because}");
    }
}
