using Sbc.Bench.Ground;

namespace Sbc.Bench;

/// <summary>What caller and callee do in a call, without the box: to be taken off the figures of whole calls.</summary>
internal sealed class Phones
{
    private readonly Box _box;
    private readonly CallScript _script;
    private readonly int _calls;

    /// <summary>Makes one call through the box, so that what the phones keep of a dialog is there.</summary>
    public Phones(Box box, CallScript script, int calls)
    {
        _box = box;
        _script = script;
        _calls = calls;
        script.WholeCall();
    }

    public void WholeCall()
    {
        for (int i = 0; i < _calls; i++)
        {
            _script.Caller.Invite(i);
            _script.Caller.Acknowledge(i);
            _script.Caller.Bye(i);
            _script.Callee.Respond(i, 100);
            _script.Callee.Respond(i, 180);
            _script.Callee.Respond(i, 200);
            _script.Callee.Respond(i, 200);
            _box.Edge.Inbound.Clear();
            _box.Core.Inbound.Clear();
        }
    }
}
