using Sbc.Engine.Routing;

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
