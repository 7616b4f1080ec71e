using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>What must hold for the addresses and ports of RTP.</summary>
internal static class MediaRules
{
    /// <summary>Workers borrow ports in blocks of 16 pairs; with less than one block there is nothing to
    /// lend.</summary>
    private const int PairsSensible = 16;

    private const int SystemPorts = 1024;

    private sealed record Pool(string Realm, string Path, TransportAddress Address, PortRange Ports);

    public static void Check(SbcConfig config, ISystemFacts facts, ConfigProblems problems)
    {
        var pools = new List<Pool>();
        foreach (RealmConfig realm in config.Realms)
        {
            if (realm.Media is not { } media) continue;
            string path = $"realms.{realm.Name}.media";
            Addresses(media, path, realm.Listen.Count > 0, problems);
            Advertise(realm, media, path, problems);
            Ports(media.Ports, $"{path}.ports", facts, problems);
            problems.Range($"{path}.silence_seconds", media.SilenceSeconds, 0, 86400);
            problems.Range($"{path}.quarantine_ms", media.QuarantineMs, 0, 600_000);
            problems.Range($"{path}.dscp", media.Dscp, 0, 63);
            Mask(realm, media.LatchMask, $"{path}.latch_mask", problems);
            if (media.Latching == Latching.Open)
            {
                problems.Warning($"{path}.latching", "open lets any stranger who guesses a port take over a stream; "
                    + "signalling is enough for phones behind NAT");
            }
            foreach (TransportAddress address in media.Addresses)
                pools.Add(new Pool(realm.Name, $"{path}.ports", address, media.Ports));
        }
        Overlaps(config, pools, problems);
    }

    private static void Mask(RealmConfig realm, LatchMask mask, string path, ConfigProblems problems)
    {
        // A wider one would let half a continent in.
        problems.Range($"{path}.ipv4", mask.IPv4, 16, 32);
        problems.Range($"{path}.ipv6", mask.IPv6, 32, 128);
        if (mask != LatchMask.Whole && realm.Latching != Latching.Signalling)
            problems.Warning(path, "is read with latching: signalling only");
    }

    private static void Addresses(RealmMediaConfig media, string path, bool listens, ConfigProblems problems)
    {
        for (int i = 0; i < media.Addresses.Count; i++)
        {
            string at = $"{path}.address[{i}]";
            if (AddressRules.WhyNotLocal(media.Addresses[i]) is { } why) problems.Error(at, why);
            else if (media.Addresses.Take(i).Any(a => a.IsIPv4 == media.Addresses[i].IsIPv4))
                problems.Error(at, "a second address of the same family; write at most one IPv4 and one IPv6");
        }
        if (media.Addresses.Count == 0 && listens)
            problems.Error($"{path}.address", "there is no address; write the one that RTP arrives at");
    }

    private static void Advertise(RealmConfig realm, RealmMediaConfig media, string path, ConfigProblems problems)
    {
        for (int i = 0; i < media.Advertise.Count; i++)
        {
            TransportAddress address = media.Advertise[i];
            string at = $"{path}.advertise[{i}]";
            if (AddressRules.WhyNotLocal(address) is { } why) problems.Error(at, why);
            else if (media.Advertise.Take(i).Any(a => a.IsIPv4 == address.IsIPv4))
                problems.Error(at, "a second address of the same family; write at most one IPv4 and one IPv6");
            else if (media.Addresses.Count > 0 && media.Addresses.All(a => a.IsIPv4 != address.IsIPv4))
                problems.Error(
                    at, $"{SipHost.Of(address).Text} stands for no media address of its family; write one of "
                    + "the family of address");
        }
        if (media.Advertise.Count == 0 && realm.Advertise?.Address is { } host
            && media.Addresses.Any(a => a.IsIPv4 == host.IsIPv4 && !a.SameAddress(host)))
        {
            problems.Warning(path, $"SIP messages name {realm.Advertise.Text}, but SDP would name the media address; "
                + $"write advertise: {realm.Advertise.Text} under media too, if the same NAT is in front of it");
        }
    }

    private static void Ports(PortRange ports, string path, ISystemFacts facts, ConfigProblems problems)
    {
        if (ports.First < SystemPorts)
            problems.Error(path, $"port {ports.First} is a system port; begin at {SystemPorts} or above");
        if (ports.First % 2 != 0)
        {
            problems.Error(
                path, $"RTP uses an even port and RTCP the odd one above it (RFC 3550 11); begin at the even "
                + $"port {ports.First + 1}");
        }
        else if (ports.Pairs == 0)
        {
            problems.Error(path, $"{ports} holds no pair of ports; write at least two");
        }
        else if (ports.Count % 2 != 0)
        {
            problems.Warning(path, $"port {ports.Last} has no partner and is never used; end at {ports.Last + 1}");
        }
        if (ports.Pairs is > 0 and < PairsSensible)
            problems.Warning(path, $"{ports} is enough for few streams at a time only: {ports.Pairs}");
        Ephemeral(ports, path, facts, problems);
    }

    /// <summary>A port the system gave to some other socket cannot be opened for a call.</summary>
    private static void Ephemeral(PortRange ports, string path, ISystemFacts facts, ConfigProblems problems)
    {
        PortRange ephemeral = facts.EphemeralPorts;
        if (!ports.Overlaps(ephemeral)) return;
        var both = new PortRange(Math.Max(ports.First, ephemeral.First), Math.Min(ports.Last, ephemeral.Last));
        int port = both.First;
        foreach (PortRange reserved in facts.ReservedPorts.OrderBy(range => range.First))
            if (reserved.Contains(port)) port = reserved.Last + 1;
        if (port > both.Last) return;
        problems.Warning(
            path, $"{both} lies in the system's ephemeral ports {ephemeral}, which other sockets are given; "
            + $"reserve them: sysctl -w net.ipv4.ip_local_reserved_ports={both} (beside those already reserved)");
    }

    private static void Overlaps(SbcConfig config, List<Pool> pools, ConfigProblems problems)
    {
        for (int i = 0; i < pools.Count; i++)
        {
            Pool pool = pools[i];
            foreach (Pool other in pools.Take(i))
            {
                if (other.Realm == pool.Realm || !other.Address.SameAddress(pool.Address)) continue;
                if (!other.Ports.Overlaps(pool.Ports)) continue;
                problems.Error(pool.Path, $"{pool.Ports} overlaps {other.Ports} of realm \"{other.Realm}\" on the same "
                    + "address; give each realm ports of its own");
            }
            foreach (RealmConfig realm in config.Realms)
            {
                foreach (ListenConfig listen in realm.Listen)
                {
                    bool inside = listen.Transport == SipTransport.Udp && listen.Address.SameAddress(pool.Address)
                        && pool.Ports.Contains(listen.Address.Port);
                    if (inside)
                        problems.Error(
                            pool.Path, $"{pool.Ports} contains the listener {listen} of realm \"{realm.Name}\"; "
                            + "leave its port out");
                }
            }
        }
    }
}
