using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>A REGISTER under way to the core registrar. What it asks for is in its server transaction.</summary>
public struct RelayState
{
    public Handle Server;
    public Handle Client;
    public Instant StartedAt;

    /// <summary>Bit i: member i of the group was asked.</summary>
    public ulong Tried;

    /// <summary>Seconds asked for.</summary>
    public int Expires;

    /// <summary>Row of the peer that has it.</summary>
    public int Peer;

    /// <summary>Requests sent.</summary>
    public byte Attempts;

    /// <summary>It answers a challenge: another one is not answered ahead of others.</summary>
    public bool IsAnswer;

    /// <summary>The registrar's minimum was met (423), once.</summary>
    public bool IsRaised;
}
