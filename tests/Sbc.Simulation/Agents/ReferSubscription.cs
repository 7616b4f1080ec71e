namespace Sbc.Simulation;

/// <summary>The implicit subscription of a REFER (RFC 3515 2.4.4) within a call, at whoever sent the REFER.</summary>
internal sealed class ReferSubscription
{
    private const long GiveUpMilliseconds = 120_000;

    private readonly UserAgent _agent;
    private readonly Action<int> _onEnd;
    private readonly VirtualTimer _watchdog;
    private bool _over;

    /// <param name="agent">Who sent the REFER.</param>
    /// <param name="number">The CSeq number of the REFER, which the NOTIFYs may name as id.</param>
    /// <param name="onEnd">Told of the last status that NOTIFYs reported; 0 where none came.</param>
    public ReferSubscription(UserAgent agent, uint number, Action<int> onEnd)
    {
        _agent = agent;
        _onEnd = onEnd;
        Number = number;
        _watchdog = agent.Simulator.After(GiveUpMilliseconds, () => End(0));
    }

    public uint Number { get; }

    public void Refused() => End(0);

    /// <summary>Whether the NOTIFY is of this subscription and was taken.</summary>
    public bool Receive(SipMessage notify)
    {
        if (_over) return false;
        string @event = notify["Event"] ?? "";
        if (HeaderValue.Uri(@event) != "refer") _agent.Violation("NOTIFY of another event than refer", notify);
        string? id = HeaderValue.Parameter(@event, "id");
        if (id != null && id != $"{Number}") return false;
        if (notify["Content-Type"]?.StartsWith("message/sipfrag", StringComparison.Ordinal) != true)
        {
            _agent.Violation("NOTIFY of a REFER without message/sipfrag (RFC 3515 2.4.5)", notify);
        }
        string state = notify["Subscription-State"] ?? "";
        bool readable = notify.Body.StartsWith("SIP/2.0 ", StringComparison.Ordinal) && notify.Body.Length >= 11;
        if (!readable) _agent.Violation("sipfrag is no status line", notify);
        int status = readable && int.TryParse(notify.Body.AsSpan(8, 3), out int parsed) ? parsed : 0;
        if (state.StartsWith("terminated", StringComparison.Ordinal))
        {
            if (status < 200) _agent.Violation("the last NOTIFY of a REFER has no final status", notify);
            End(status);
        }
        else if (!state.StartsWith("active", StringComparison.Ordinal))
        {
            _agent.Violation("Subscription-State is neither active nor terminated", notify);
        }
        return true;
    }

    private void End(int status)
    {
        if (_over) return;
        _over = true;
        _watchdog.Cancel();
        _onEnd(status);
    }
}
