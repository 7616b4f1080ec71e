using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>Something a caller begins outside a dialog: a call, a request, a subscription.</summary>
public abstract class Placement
{
    private readonly Action<Placement>? _onSettled;
    private readonly Instant _placedAt;

    private protected Placement(Caller caller, CallScript script, long number, Action<Placement>? onSettled)
    {
        Caller = caller;
        Script = script;
        Number = number;
        CallId = caller.NewToken("c") + "@" + Address.Host(caller.Written);
        FromTag = caller.NewToken("f");
        _onSettled = onSettled;
        _placedAt = caller.Simulator.Now;
    }

    public CallScript Script { get; }

    public long Number { get; }

    public string CallId { get; }

    /// <summary>The final status; 0 while there is none, 408 for none at all.</summary>
    public int FinalStatus { get; private set; }

    /// <summary>From the request (the first of them) to the 2xx.</summary>
    public long SetupMicroseconds { get; private set; }

    /// <summary>All that was planned happened, as its caller sees it; true once <see cref="Ended"/> says so.</summary>
    public bool AsWanted { get; private protected set; }

    /// <summary>Told when nothing of it is left.</summary>
    internal Action<Placement>? Ended { get; set; }

    internal Caller Caller { get; }

    private protected string FromTag { get; }

    private protected uint CSeqNumber { get; set; } = 1;

    private protected bool Settled => FinalStatus != 0;

    public virtual void Place() => Caller.Counters.Placed++;

    /// <summary>A request outside a dialog, with what tells the callee what to do.</summary>
    private protected SipMessage NewRequest(string uri)
    {
        SipMessage request = SipMessage.Request(Script.Method, uri)
            .Add("From", $"\"{Caller.Name}\" <sip:{Caller.Name}@{Caller.Domain}>;tag={FromTag}")
            .Add("To", $"<{Script.To ?? uri}>")
            .Add("Call-ID", CallId)
            .Add("CSeq", $"{CSeqNumber} {Script.Method}");
        request.Add(CallNumber.Header, CallNumber.Text(Number, Script.Media));
        if (Script.AnswerText is { } text) request.Add(Callee.ScriptHeader, text);
        request.Headers.AddRange(Script.Headers);
        return request;
    }

    private protected string Uri => Script.Uri ?? $"sip:{Script.User}@{Script.Domain ?? Caller.NextHop.ToString()}";

    private protected void Settle(int status)
    {
        if (status is >= 200 and < 300) SetupMicroseconds = Caller.Simulator.Now - _placedAt;
        FinalStatus = status;
        if (Script.ExpectedStatus is { } expected && expected != status)
        {
            Caller.Violation($"call {Number}: final status {status}, expected {expected}");
        }
        _onSettled?.Invoke(this);
    }
}
