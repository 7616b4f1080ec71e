namespace Sbc.Demo;

/// <summary>What one proxy of the farm saw of the calls.</summary>
internal sealed record ProxyOutcome(string Name, int Offered, int Answered, int Completed);

/// <summary>All figures of a run, worked out from the logs of both ends.</summary>
internal sealed class Outcome
{
    public Outcome(string folder, SippStatistics phones)
    {
        Phones = phones;
        var edge = new MessageLog(Path.Combine(folder, "phones.messages"));
        Dictionary<string, LoggedMessage> invites = edge.First(m => m.Sent && m.IsRequest("INVITE"));
        Dictionary<string, LoggedMessage> answers = edge.First(m => !m.Sent && m.IsResponse(200, "INVITE"));
        Dictionary<string, LoggedMessage> ringing = edge.First(m => !m.Sent && m.IsResponse(180, "INVITE"));
        Answered = answers.Count;
        Answer = Times(invites.Values, invite => answers.GetValueOrDefault(invite.CallId));
        Ringing = Times(invites.Values, invite => ringing.GetValueOrDefault(invite.CallId));

        var offered = new Dictionary<string, LoggedMessage>();
        foreach ((string name, _) in Plan.Farm)
        {
            var log = new MessageLog(Path.Combine(folder, $"{name}.messages"));
            Dictionary<string, LoggedMessage> received = log.First(m => !m.Sent && m.IsRequest("INVITE"));
            // The box ends what it abandons with CANCEL or BYE too: completed means the 200 to a BYE went out.
            Proxies.Add(new ProxyOutcome(name, received.Count,
                log.First(m => m.Sent && m.IsResponse(200, "INVITE")).Count,
                log.First(m => m.Sent && m.IsResponse(200, "BYE")).Count));
            foreach (LoggedMessage invite in received.Values) offered.TryAdd(invite.Caller, invite);
        }
        Through = Times(invites.Values, invite => offered.GetValueOrDefault(invite.Caller));
        In = invites.Values.FirstOrDefault(invite => offered.ContainsKey(invite.Caller));
        Out = In is null ? null : offered[In.Caller];
    }

    public SippStatistics Phones { get; }

    public int Answered { get; }

    public List<ProxyOutcome> Proxies { get; } = [];

    /// <summary>Milliseconds from a phone's INVITE, sorted: until the proxy sees it, to the 180, to the 200.</summary>
    public double[] Through { get; }

    public double[] Ringing { get; }

    public double[] Answer { get; }

    /// <summary>One call's INVITE as the phone sent it, and as the proxy got it.</summary>
    public LoggedMessage? In { get; }

    public LoggedMessage? Out { get; }

    /// <summary>The value that this share of the sorted values does not exceed (nearest rank).</summary>
    public static double Percentile(double[] sorted, double share) =>
        sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];

    private static double[] Times(IEnumerable<LoggedMessage> invites, Func<LoggedMessage, LoggedMessage?> end) =>
        [.. invites.Select(invite => (invite.At, End: end(invite)?.At)).Where(pair => pair.End is not null)
            .Select(pair => (pair.End!.Value - pair.At).TotalMilliseconds).Order()];
}
