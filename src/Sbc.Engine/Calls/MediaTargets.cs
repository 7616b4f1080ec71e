using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Media;
using Sbc.Runtime;
using Sbc.Sip.Sdp;

namespace Sbc.Engine.Calls;

/// <summary>Where the relay may send what a description asks for.</summary>
/// <remarks>
/// A stranger's description that names the core, a private network or the box is not believed: its stream waits for
/// media from where signalling comes from, which serves a phone at home just as well. What names a port of the box that
/// another call holds is that call, which passed the box before: it is sent to over loopback, as the other call
/// sends to this one, and both latches fit.
/// </remarks>
public sealed class MediaTargets(Workspace work, MediaClient? client)
{
    private enum Owner : byte
    {
        Foreign,
        AnotherCall,
        Refused,
    }

    /// <param name="isMux">RTP and RTCP share a port towards this end.</param>
    public StreamTarget Of(
        in CallState call, int leg, StreamState stream, in SdpMedia media, in SdpRate rate, bool isMux)
    {
        bool isIPv6 = leg == CallState.Ingress ? stream.Shape.IsIngressIPv6 : stream.Shape.IsEgressIPv6;
        TransportAddress rtp = media.Address, rtcp = media.RtcpAddress;
        if (rtp.IsNone && !media.HasUnspecifiedConnection && IsGuessed(call, leg))
        {
            rtp = call.Legs[leg].Flow.WithPort(media.Port);
            int next = media.RtcpPort != 0 ? media.RtcpPort : media.Port + 1;
            if (next <= 65_535) rtcp = rtp.WithPort(next);
        }
        bool maySend = MaySend(call, leg, isIPv6, ref rtp);
        // One word for both: an RTCP address that may not be sent to is forgotten, and its latch awaited.
        if (MaySend(call, leg, isIPv6, ref rtcp) != maySend) rtcp = default;
        return new StreamTarget
        {
            Rtp = rtp,
            Rtcp = rtcp,
            Signalling = call.Legs[leg].Flow.WithPort(0),
            MaySend = maySend,
            IsMuted = media.HasUnspecifiedConnection,
            IsHeld = media.Direction is SdpDirection.SendOnly or SdpDirection.Inactive,
            IsMuxAgreed = isMux,
            ClockHz = rate.ClockHz,
            BitsPerSecondMax = rate.BitsPerSecondMax,
            PacketsPerSecondMax = rate.PacketsPerSecondMax,
        };
    }

    /// <summary>
    /// A name in c= is not asked for: nobody may wait for DNS while a phone rings. Media is awaited from where
    /// signalling comes from; where that must be the port in the description too, or where it is a neighbour's own
    /// name, the name is taken for that address.
    /// </summary>
    private bool IsGuessed(in CallState call, int leg)
    {
        Realm realm = work.Snapshot.Realms[call.Legs[leg].Realm];
        return realm.Trusted || realm.Media!.Relay.Latching == LatchMode.Strict;
    }

    private bool MaySend(in CallState call, int leg, bool isIPv6, ref TransportAddress target)
    {
        if (target.IsNone) return false;
        if (target.IsIPv4 == isIPv6)
        {
            // Nothing can be sent there from a socket of the other family.
            target = default;
            return false;
        }
        Realm realm = work.Snapshot.Realms[call.Legs[leg].Realm];
        switch (OwnerOf(call, ref target))
        {
            case Owner.AnotherCall:
                return true;
            case Owner.Refused:
                work.Counters.CountDropped(realm.Id, DropReason.OwnPort);
                target = default;
                return false;
        }
        if (realm.Trusted || target.SameAddress(call.Legs[leg].Flow)) return true;
        if (PrivateAddresses.Contains(target)) return false;
        foreach (Listener listener in work.Snapshot.Listeners)
        {
            if (listener.IsOwnAddress(target)) return false;
        }
        foreach (Peer peer in work.Snapshot.Peers)
        {
            if (peer.Realm.Trusted && peer.Address.SameAddress(target)) return false;
        }
        return true;
    }

    /// <summary>Whose port it is, where it is of one of our pools; then with the address that it is bound to.</summary>
    private Owner OwnerOf(in CallState call, ref TransportAddress target)
    {
        Owner owner = Owner.Foreign;
        foreach (Realm realm in work.Snapshot.Realms)
        {
            if (realm?.Media is not { } media || !media.Relay.Ports.Contains(target.Port)) continue;
            TransportAddress local = target.IsIPv4 ? media.Relay.IPv4 : media.Relay.IPv6;
            TransportAddress advertised = target.IsIPv4 ? media.AdvertisedIPv4 : media.AdvertisedIPv6;
            if (local.IsNone || (!target.SameAddress(local) && !target.SameAddress(advertised))) continue;
            TransportAddress bound = local.WithPort(target.Port);
            owner = Owner.Refused;
            if (!media.Relay.Ports.IsHeld(target.Port)) continue;
            if (call.HasMedia && client!.Holds(call.Media, bound)) continue;
            target = bound;
            return Owner.AnotherCall;
        }
        return owner;
    }
}
