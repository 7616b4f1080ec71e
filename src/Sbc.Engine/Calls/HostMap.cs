using Sbc.Engine.Routing;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>
/// What hosts of URIs become on their way from one realm to another, so that neither side's topology crosses.
/// </summary>
/// <remarks>
/// Our own host on the side it came from becomes the target (the caller means what is behind us); every other IP
/// literal, and every peer's host, becomes our own host on the other side; domain names stay as they are.
/// </remarks>
public readonly ref struct HostMap
{
    public required Realm From { get; init; }

    public required Realm To { get; init; }

    /// <summary>Whether identities that the sender asserts count.</summary>
    public required bool FromTrusted { get; init; }

    /// <summary>Whether asserted identities may be told to the receiver against their subject's wish.</summary>
    public required bool ToTrusted { get; init; }

    /// <summary>
    /// The box refreshes the session on both legs: what one end says of its timer is not the other's.
    /// </summary>
    public bool OwnsSessionTimer { get; init; }

    /// <summary>The box forks, and each branch is told its part of Max-Breadth (RFC 5393 5.3.3).</summary>
    public bool OwnsMaxBreadth { get; init; }

    /// <summary>CSeq number of the last REFER where the message comes from, and where it goes; 0: none.</summary>
    public (uint From, uint To) ReferCSeq { get; init; }

    /// <summary>Translates dialogs that header fields name; null leaves them as they are.</summary>
    public DialogNames? Names { get; init; }

    public required Listener ToListener { get; init; }

    /// <summary>Host, and port where it is not 5060, of whom the message goes to.</summary>
    public required ReadOnlySpan<byte> Target { get; init; }

    /// <summary>
    /// Whom the message goes to is a configured peer, which serves those that are named at our host; a phone would
    /// only send to itself what it is to send there.
    /// </summary>
    public required bool ToPeer { get; init; }

    /// <summary>Address of whom the message goes to: its own address is no secret to it.</summary>
    public required TransportAddress TargetAddress { get; init; }

    /// <summary>Writes a header value with the hosts of all sip and sips URIs in it mapped.</summary>
    public static void Write(ref SipWriter writer, scoped ReadOnlySpan<byte> value, scoped HostMap map) =>
        Write(ref writer, value, map, map.ToListener.Host, map.Target);

    /// <summary>
    /// The same for URIs that the receiver is to send requests to: they need our port too, and what is at our host for
    /// one side is at our host for a phone on the other.
    /// </summary>
    public static void WriteDialable(ref SipWriter writer, scoped ReadOnlySpan<byte> value, scoped HostMap map) =>
        Write(ref writer, value, map, map.ToListener.HostPort, map.ToPeer ? map.Target : map.ToListener.HostPort);

    private static void Write(
        ref SipWriter writer, scoped ReadOnlySpan<byte> value, scoped HostMap map, scoped ReadOnlySpan<byte> own,
        scoped ReadOnlySpan<byte> behindUs)
    {
        int written = 0;
        var hosts = new UriHosts(value);
        while (hosts.MoveNext())
        {
            writer.Raw(value[written..hosts.Start]);
            writer.Raw(map.Map(value.Slice(hosts.Start, hosts.Length), own, behindUs));
            written = hosts.Start + hosts.Length;
        }
        writer.Raw(value[written..]);
    }

    /// <summary>What stands in place of host and port.</summary>
    private ReadOnlySpan<byte> Map(
        ReadOnlySpan<byte> hostPort, ReadOnlySpan<byte> own, ReadOnlySpan<byte> behindUs)
    {
        ReadOnlySpan<byte> host = HostOf(hostPort);
        if (From.IsOwnHost(host)) return behindUs;
        if (!TransportAddress.TryParseHost(host, 0, out TransportAddress address)) return hostPort;
        return TargetAddress.SameAddress(address) ? hostPort : own;
    }

    private static ReadOnlySpan<byte> HostOf(ReadOnlySpan<byte> hostPort)
    {
        int end = hostPort.Length > 0 &&
            hostPort[0] == '[' ? hostPort.IndexOf((byte)']') + 1 : hostPort.IndexOf((byte)':');
        return end <= 0 ? hostPort : hostPort[..end];
    }

    /// <summary>Writes host and port, the port only where it is not 5060: a target for <see cref="Target"/>.</summary>
    public static int WriteTarget(in TransportAddress address, Span<byte> destination) =>
        address.Port == 5060 ? address.WriteHost(destination) : address.Write(destination);
}
