using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A phone that places calls through a next hop.</summary>
public class Caller : UserAgent
{
    private readonly List<OutgoingCall> _live = [];

    /// <param name="simulator">Whose network it is on.</param>
    /// <param name="name">The user of its From.</param>
    /// <param name="local">Where its datagrams come from.</param>
    /// <param name="nextHop">Where INVITEs go: the box's listener on the edge.</param>
    /// <param name="privateAddress">Behind NAT: the address it writes into Via, Contact and SDP.</param>
    public Caller(
        Simulator simulator,
        string name,
        in TransportAddress local,
        in TransportAddress nextHop,
        TransportAddress? privateAddress = null)
        : base(simulator, name, local, privateAddress)
    {
        NextHop = nextHop;
    }

    public TransportAddress NextHop { get; set; }

    /// <summary>The host of its From.</summary>
    public string Domain { get; init; } = "example.net";

    /// <summary>Calls that are not over.</summary>
    public IReadOnlyList<OutgoingCall> Live => _live;

    /// <param name="script">What the caller does.</param>
    /// <param name="onSettled">Told of the final response, or of there being none.</param>
    public OutgoingCall Place(CallScript script, Action<Placement>? onSettled = null)
    {
        var call = (OutgoingCall)New(script, onSettled);
        call.Place();
        return call;
    }

    /// <summary>What the script's method asks for, not yet begun: a call, a subscription, or one request.</summary>
    public Placement New(CallScript script, Action<Placement>? onSettled = null)
    {
        long number = Simulator.NextCallNumber();
        switch (script.Method)
        {
            case "INVITE":
                var call = new OutgoingCall(this, script, number, onSettled);
                _live.Add(call);
                return call;
            case "SUBSCRIBE" or "REFER":
                return new Subscriber(this, script, number, onSettled);
            default:
                return new OutgoingRequest(this, script, number, onSettled);
        }
    }

    /// <summary>Where a request outside a dialog goes.</summary>
    internal virtual TransportAddress HopFor(string uri) => NextHop;

    internal void Finished(OutgoingCall call)
    {
        _live.Remove(call);
        if (call.Media != null) Media.Add(call.Media.Counters);
    }

    /// <summary>Nobody calls a caller.</summary>
    protected override void OnInvite(ServerTransaction transaction) =>
        transaction.Respond(transaction.NewResponse(480, NewToken("t")));
}
