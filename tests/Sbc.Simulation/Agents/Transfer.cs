namespace Sbc.Simulation;

/// <summary>Who takes part in a transfer: B calls A, and C, and makes A call C.</summary>
public sealed record TransferCast(Phone A, Phone B, Phone C);

/// <summary>
/// B calls A; attended, B calls C too, and its REFER tells A to take the place of B in that call (RFC 5589 7); blind,
/// it only tells whom to call (RFC 5589 6).
/// </summary>
public sealed class Transfer : Placement
{
    /// <summary>The number of the call that Replaces means, beside it in the Refer-To.</summary>
    internal const string ReplacedHeader = "X-Simulated-Replaced";

    private readonly TransferCast _cast;
    private readonly bool _attended;
    private OutgoingCall? _first;
    private OutgoingCall? _second;
    private int _alive;
    private bool _over;

    internal Transfer(TransferCast cast, CallScript script, long number, Action<Placement>? onSettled)
        : base(cast.B, script, number, onSettled)
    {
        _cast = cast;
        _attended = script.Method == "ATTENDED";
    }

    public override void Place() => _first = Call(_cast.A, call =>
    {
        if (call.FinalStatus >= 300) Fail(call.FinalStatus);
        else if (_attended) After(() => _second = Call(_cast.C, Consulted));
        else After(() => Refer(CUri(_cast.C.ContactUri)));
    });

    private void Consulted(Placement second)
    {
        if (second.FinalStatus >= 300)
        {
            Fail(second.FinalStatus);
            return;
        }
        After(() =>
        {
            if (_second?.Dialog is not { } dialog)
            {
                Fail(408);
                return;
            }
            string replaces = $"{dialog.CallId};to-tag={dialog.RemoteTag};from-tag={dialog.LocalTag}";
            string header = $"?Replaces={System.Uri.EscapeDataString(replaces)}&{ReplacedHeader}={_second.Number}";
            Refer(CUri(dialog.RemoteTarget + header));
        });
    }

    private static string CUri(string uri) => $"<{uri}>";

    // The NOTIFYs tell how the call of A and C went; B's part ends then.
    private void Refer(string referTo) => _first!.Refer(referTo, status =>
    {
        if (Settled) return;
        AsWanted = status is >= 200 and < 300;
        Settle(status == 0 ? 408 : status);
        _first.HangUp();
        // C ends the call that was replaced, unless nothing replaced it.
        if (!AsWanted) _second?.HangUp();
        TryEnd();
    });

    private void Fail(int status)
    {
        if (Settled) return;
        Settle(status);
        _first?.HangUp();
        _second?.HangUp();
        TryEnd();
    }

    private OutgoingCall Call(Phone phone, Action<Placement> onSettled)
    {
        var script = new CallScript
        {
            Uri = phone.ContactUri,
            To = $"sip:{phone.Name}@{phone.Domain}",
            AbandonAfter = 200_000,
        };
        _alive++;
        var call = (OutgoingCall)Caller.New(script, onSettled);
        call.Ended = _ =>
        {
            _alive--;
            if (!Settled && call == _first) Fail(408);
            TryEnd();
        };
        call.Place();
        return call;
    }

    private void After(Action action) => Caller.Simulator.After(Caller.Random.Between(100, 2000), action);

    private void TryEnd()
    {
        if (_over || _alive > 0 || !Settled) return;
        _over = true;
        Ended?.Invoke(this);
    }
}
