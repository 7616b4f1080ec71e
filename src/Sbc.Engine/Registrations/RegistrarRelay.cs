using Sbc.Engine.Routing;
using Sbc.Engine.Routing.Balancing;
using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>The core registrar that the box is a cache in front of, compiled.</summary>
public sealed class RegistrarRelay
{
    /// <summary>Its peers.</summary>
    public required Group Group { get; init; }

    /// <summary>Seconds asked for there.</summary>
    public required int Expires { get; init; }

    /// <summary>REGISTERs a second that go there.</summary>
    public required int PerSecond { get; init; }

    /// <summary>A Path of ours goes there too (RFC 3327).</summary>
    public required bool WritesPath { get; init; }

    /// <summary>The member that a user is sent to; -1: nobody is left.</summary>
    /// <remarks>
    /// All of one address-of-record go to one of those that are up. The hash is not keyed: after a restart each has the
    /// registrar that knows it.
    /// </remarks>
    public int MemberFor(ReadOnlySpan<byte> aor, ulong tried, SharedCells cells, Instant now)
    {
        ulong key = new SipHash(0, 0).Hash(aor);
        return ConsistentHash.Choose(Group, Candidates.Of(Group, tried, cells, key, now), key);
    }

    /// <summary>Whether a realm is on the registrar's side: what it said of routes is meant for there.</summary>
    public bool IsAt(Realm realm)
    {
        foreach (Peer peer in Group.Members)
        {
            if (peer.Realm.Id == realm.Id) return true;
        }
        return false;
    }
}
