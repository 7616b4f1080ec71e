using System.Globalization;

namespace Sbc.Simulation;

/// <summary>One request outside a dialog: MESSAGE, PUBLISH, OPTIONS, or a method that nobody knows.</summary>
public sealed class OutgoingRequest : Placement
{
    internal OutgoingRequest(Caller caller, CallScript script, long number, Action<Placement>? onSettled)
        : base(caller, script, number, onSettled)
    {
    }

    public override void Place()
    {
        base.Place();
        SipMessage request = NewRequest(Uri);
        if (Script.Method is "MESSAGE" or "FOO")
        {
            request.Add("Content-Type", "text/plain");
            request.Body = Callee.MarkOf(Number);
        }
        if (Script.Method == "PUBLISH")
        {
            request.Add("Event", "presence");
            request.Add("Expires", Script.Expires.ToString(CultureInfo.InvariantCulture));
            request.Add("Content-Type", "application/pidf+xml");
            request.Body = Callee.MarkOf(Number);
        }
        Caller.SendRequest(request, Caller.HopFor(request.RequestUri), OnResponse, OnTimeout);
    }

    private void OnResponse(SipMessage response)
    {
        if (response.Status < 200) return;
        AgentCounters counters = Caller.Counters;
        if (response.Status >= 300) AgentCounters.Count(counters.Failed, response.Status);
        else
        {
            counters.Answered++;
            counters.Ended++;
            CheckAnswer(response);
        }
        AsWanted = true;
        Settle(response.Status);
        Ended?.Invoke(this);
    }

    private void CheckAnswer(SipMessage response)
    {
        if (Script.Method == "PUBLISH" && (response["SIP-ETag"] == null || response["Expires"] == null))
        {
            Caller.Violation("2xx to PUBLISH without SIP-ETag or Expires (RFC 3903 6)", response);
        }
        if (Script.Method == "FOO" && response.Body != Callee.MarkOf(Number))
        {
            Caller.Violation("the body of the answer is not the callee's", response);
        }
    }

    private void OnTimeout()
    {
        Caller.Counters.Timeouts++;
        Settle(408);
        Ended?.Invoke(this);
    }
}
