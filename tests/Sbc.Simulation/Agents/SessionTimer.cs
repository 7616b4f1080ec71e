using System.Globalization;

namespace Sbc.Simulation;

/// <summary>RFC 4028 in one dialog: who refreshes, when, and what happens when nobody does.</summary>
internal sealed class SessionTimer(UserAgent agent, char leg, Action refresh, Action expired)
{
    private VirtualTimer? _timer;
    private int _seconds;
    private bool _weRefresh;

    public bool Runs => _seconds > 0;

    public long Refreshes { get; private set; }

    public bool WeRefresh => _weRefresh;

    /// <summary>A 2xx to an INVITE or UPDATE, ours or theirs, names the interval and who refreshes.</summary>
    /// <param name="response">The 2xx.</param>
    /// <param name="sentByUs">Whether it is ours: then we are its uas.</param>
    public void Negotiated(SipMessage response, bool sentByUs)
    {
        string? value = response["Session-Expires"];
        if (value == null)
        {
            if (Runs && !sentByUs && agent.ArrivesInOrder) agent.Violation("the session timer is lost", response);
            return;
        }
        string? refresher = HeaderValue.Parameter(value, "refresher");
        if (refresher is not ("uac" or "uas"))
        {
            agent.Violation("a 2xx with Session-Expires names no refresher (RFC 4028 9)", response);
            return;
        }
        if (refresher == "uac" && response["Require"]?.Contains("timer", StringComparison.Ordinal) != true)
        {
            agent.Violation("refresher=uac without Require: timer (RFC 4028 9)", response);
        }
        bool wasRunning = Runs;
        _seconds = Seconds(value);
        if (_seconds < 90) agent.Violation("Session-Expires below 90 (RFC 4028 5)", response);
        _weRefresh = (refresher == "uas") == sentByUs;
        if (wasRunning) Refreshes++;
        Restart();
    }

    public void Stop() => _timer?.Cancel();

    public static int Seconds(string value)
    {
        int end = value.IndexOf(';');
        return int.TryParse(end < 0 ? value : value.AsSpan(0, end), CultureInfo.InvariantCulture, out int seconds)
            ? seconds : 0;
    }

    /// <summary>The value for a refresh that we send, in which we are the uac.</summary>
    public string RefreshValue => $"{_seconds};refresher={(_weRefresh ? "uac" : "uas")}";

    public int Interval => _seconds;

    public override string ToString() => $"{leg} {_seconds} s, {(_weRefresh ? "refreshes" : "waits")}";

    // RFC 4028 10: half of it for the refresher; the other side gives up a third, or 32 s, before the end.
    private void Restart()
    {
        _timer?.Cancel();
        if (_weRefresh)
        {
            _timer = agent.Simulator.After(_seconds * 500L, () =>
            {
                refresh();
                // If the refresh fails altogether the session ends where the other side's does.
                _timer = agent.Simulator.After(_seconds * 500L, expired);
            });
            return;
        }
        _timer = agent.Simulator.After((_seconds - Math.Min(32, _seconds / 3)) * 1000L, expired);
    }
}
