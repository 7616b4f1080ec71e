using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A proxy of the core's farm, and the phone behind it, in one.</summary>
/// <remarks>
/// With Record-Route it is what a box meets in practice: requests within the dialog must carry its Route and name the
/// Contact of the phone, which is another address; requests from its side have the phone's Via below its own.
/// </remarks>
public sealed class FarmProxy : Callee
{
    public FarmProxy(Simulator simulator, string name, in TransportAddress local, Func<Xoshiro, AnswerScript> script)
        : base(simulator, name, local, script)
    {
    }

    /// <summary>Null: no Record-Route, the Contact is the proxy's own address.</summary>
    public TransportAddress? PhoneBehind { get; init; }

    public override string ContactUri => PhoneBehind is { } phone ? $"sip:phone-{Name}@{phone}" : base.ContactUri;

    internal override string ContactOf(int index) =>
        index != 0 && PhoneBehind is { } phone ? $"sip:phone-{Name}-{index}@{phone}" : base.ContactOf(index);

    private string OwnRoute => $"<sip:{Local};lr>";

    public void Kill(KilledHost how) => Simulator.Network.Kill(Local, how);

    public void Revive() => Simulator.Network.Revive(Local);

    protected override string ExpectedRoute(bool inDialog) => inDialog && PhoneBehind != null ? OwnRoute : "";

    internal override void AddOwnRecordRoute(SipMessage request)
    {
        if (PhoneBehind != null) request.Add("Record-Route", OwnRoute);
    }

    internal override void AddRecordRoute(SipMessage response, SipMessage invite)
    {
        AddOwnRecordRoute(response);
        base.AddRecordRoute(response, invite);
    }

    protected override void AddVias(SipMessage request, string branch)
    {
        if (PhoneBehind is { } phone) request.Prepend("Via", $"SIP/2.0/UDP {phone};branch=z9hG4bKphone{branch[7..]}");
        base.AddVias(request, branch);
    }
}
