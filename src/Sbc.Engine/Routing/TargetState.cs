namespace Sbc.Engine.Routing;

/// <summary>How far a call is in its route's targets, and which places it holds. All zero: nothing yet.</summary>
public struct TargetState
{
    /// <summary>Members of the present group that were tried.</summary>
    public ulong Tried;

    /// <summary>Rows plus one, so that a state of zeros holds nothing.</summary>
    private int _peer;
    private int _named;
    private short _group;
    private short _route;

    /// <summary>Which of the route's groups.</summary>
    public byte Place;

    /// <summary>Peers of the present group that were tried.</summary>
    public byte Attempts;

    /// <summary>Row of the peer that has the call; -1: none.</summary>
    public int Peer
    {
        readonly get => _peer - 1;
        set => _peer = value + 1;
    }

    /// <summary>Row of that peer's name, whose place is held; -1: none.</summary>
    public int Named
    {
        readonly get => _named - 1;
        set => _named = value + 1;
    }

    /// <summary>Row of the group that the peer was chosen from; -1: none.</summary>
    public int Group
    {
        readonly get => _group - 1;
        set => _group = (short)(value + 1);
    }

    /// <summary>Row of the route whose place is held; -1: none.</summary>
    public int Route
    {
        readonly get => _route - 1;
        set => _route = (short)(value + 1);
    }
}
