using System.Globalization;

namespace Sbc.Simulation;

/// <summary>What a party does within a call, in milliseconds after the answer; null: it does not.</summary>
public record InCallScript
{
    public long? HangUpAfter { get; init; }

    public long? ReinviteAfter { get; init; }

    public long? InfoAfter { get; init; }

    public long? OptionsAfter { get; init; }

    public IReadOnlyList<Step> Steps { get; init; } = [];

    /// <summary>
    /// UPDATE in the early dialog (RFC 3311 5.1): with an offer where the first exchange is complete, else without SDP.
    /// </summary>
    public bool EarlyUpdate { get; init; }

    /// <summary>Session-Expires in seconds (RFC 4028); 0: no session timer.</summary>
    public int SessionExpires { get; init; }

    /// <summary>The least interval this party accepts, in seconds.</summary>
    public int MinSE { get; init; } = 90;

    /// <summary>A refresh is a re-INVITE, else an UPDATE without SDP.</summary>
    public bool RefreshByReinvite { get; init; }

    /// <summary>Whether what was planned and did not happen counts against the call on a good network.</summary>
    public bool Strict { get; init; }

    /// <summary>A watchdog: ends a call whose other side should have ended it.</summary>
    public long AbandonAfter { get; init; } = 300_000;
}

/// <summary>How a caller treats RFC 3262.</summary>
public enum ReliableSupport
{
    None,
    Supported,
    Required,
}

/// <summary>A call as its caller plans it.</summary>
public sealed record CallScript : InCallScript
{
    /// <summary>The method; all but INVITE are sent by an <see cref="OutgoingRequest"/> or a subscriber.</summary>
    public string Method { get; init; } = "INVITE";

    /// <summary>The user in the Request-URI and To.</summary>
    public string User { get; init; } = "service";

    /// <summary>Host (and port) of the Request-URI and To; null: the next hop.</summary>
    public string? Domain { get; init; }

    /// <summary>The whole Request-URI, as a Refer-To gave it; null: of user and domain.</summary>
    public string? Uri { get; init; }

    /// <summary>The URI of To, where it is not that of the request.</summary>
    public string? To { get; init; }

    /// <summary>CANCEL this long after the INVITE, once a provisional response allows it.</summary>
    public long? CancelAfter { get; init; }

    /// <summary>How long the caller lets it ring.</summary>
    public long RingingMax { get; init; } = 90_000;

    public string? Password { get; init; }

    /// <summary>Sends and checks RTP.</summary>
    public bool Media { get; init; }

    public ReliableSupport Reliable { get; init; }

    /// <summary>INVITE without SDP: the callee offers.</summary>
    public bool LateOffer { get; init; }

    /// <summary>The first PRACK after the answer carries an offer of its own (RFC 3262 5).</summary>
    public bool OfferInPrack { get; init; }

    /// <summary>Tries the Contacts of a 3xx one after the other (RFC 3261 8.1.3.4).</summary>
    public bool FollowRedirects { get; init; }

    /// <summary>Seconds; of SUBSCRIBE and PUBLISH.</summary>
    public int Expires { get; init; } = 600;

    /// <summary>Milliseconds after which a subscriber refreshes; null: it does not.</summary>
    public long? RefreshAfter { get; init; }

    /// <summary>Milliseconds after which a subscriber ends it; null: it expires or the notifier ends it.</summary>
    public long? UnsubscribeAfter { get; init; }

    /// <summary>
    /// What the callee shall do, sent along in a header field of ours; null: what the callee's own script draws.
    /// </summary>
    public AnswerScript? Callee { get; init; }

    /// <summary>More callees: the INVITE forks to <see cref="Callee"/> and these.</summary>
    public IReadOnlyList<AnswerScript> Forks { get; init; } = [];

    /// <summary>The only final status that is right; null: any.</summary>
    public int? ExpectedStatus { get; init; }

    /// <summary>More header fields of the INVITE.</summary>
    public IReadOnlyList<HeaderField> Headers { get; init; } = [];

    internal string? AnswerText => Callee == null
        ? null
        : Forks.Count == 0 ? Text(Callee) : string.Join('|', Forks.Prepend(Callee).Select(Text));

    private string Text(AnswerScript callee) =>
        (callee with { ExpectReliable = Reliable != ReliableSupport.None }).ToText();
}

/// <summary>A call as its callee plans it.</summary>
public sealed record AnswerScript : InCallScript
{
    /// <summary>The final status; 0: not a byte is answered.</summary>
    public int Status { get; init; } = 200;

    /// <summary>Whether 100 is sent at once.</summary>
    public bool Trying { get; init; } = true;

    /// <summary>180, 183 or 0.</summary>
    public int Ringing { get; init; } = 180;

    public long RingingAfter { get; init; } = 50;

    /// <summary>More provisional responses, ordered by time.</summary>
    public IReadOnlyList<Provisional> Provisionals { get; init; } = [];

    public long FinalAfter { get; init; } = 500;

    /// <summary>401, 407 or 0.</summary>
    public int Challenge { get; init; }

    /// <summary>
    /// The final statuses of the Contacts of a 302, best q first: each Contact's user says it, as r486 or r200.
    /// </summary>
    public IReadOnlyList<int> Redirects { get; init; } = [];

    /// <summary>The caller said that it takes reliable responses: the INVITE must say so here too.</summary>
    public bool ExpectReliable { get; init; }

    /// <summary>A notifier's: a NOTIFY goes before the 2xx of its SUBSCRIBE.</summary>
    public bool NotifyFirst { get; init; }

    /// <summary>A notifier's: ends the subscription after so many milliseconds; null: it does not.</summary>
    public long? TerminateAfter { get; init; }

    /// <summary>The script as the value of a header field.</summary>
    public string ToText() => string.Join(';', new[]
    {
        $"{Status}", $"{(Trying ? 1 : 0)}", $"{Ringing}", $"{RingingAfter}", $"{FinalAfter}", $"{Challenge}",
        $"{HangUpAfter}", $"{ReinviteAfter}", $"{InfoAfter}", $"{OptionsAfter}",
        $"{Flag(EarlyUpdate, 1) | Flag(RefreshByReinvite, 2) | Flag(Strict, 4) | Flag(NotifyFirst, 8)
            | Flag(ExpectReliable, 16)}",
        $"{SessionExpires}", $"{MinSE}", $"{TerminateAfter}", string.Join('.', Redirects),
        Provisional.ToText(Provisionals), Step.ToText(Steps),
    });

    public static AnswerScript Parse(string text)
    {
        string[] parts = text.Split(';');
        long? Optional(int at) => parts[at].Length == 0 ? null : long.Parse(parts[at], CultureInfo.InvariantCulture);
        int Number(int at) => (int)Optional(at)!.Value;
        int flags = Number(10);
        return new AnswerScript
        {
            Status = Number(0),
            Trying = Number(1) != 0,
            Ringing = Number(2),
            RingingAfter = Number(3),
            FinalAfter = Number(4),
            Challenge = Number(5),
            HangUpAfter = Optional(6),
            ReinviteAfter = Optional(7),
            InfoAfter = Optional(8),
            OptionsAfter = Optional(9),
            EarlyUpdate = (flags & 1) != 0,
            RefreshByReinvite = (flags & 2) != 0,
            Strict = (flags & 4) != 0,
            NotifyFirst = (flags & 8) != 0,
            ExpectReliable = (flags & 16) != 0,
            SessionExpires = Number(11),
            MinSE = Number(12),
            TerminateAfter = Optional(13),
            Redirects = parts[14].Length == 0 ? [] : [.. parts[14].Split('.').Select(one =>
                int.Parse(one, CultureInfo.InvariantCulture))],
            Provisionals = Provisional.Parse(parts[15]),
            Steps = Step.Parse(parts[16]),
        };
    }

    /// <summary>One for each callee that the INVITE forks to.</summary>
    public static IReadOnlyList<AnswerScript> ParseAll(string text) =>
        text.Contains('|') ? [.. text.Split('|').Select(Parse)] : [Parse(text)];

    private static int Flag(bool set, int bit) => set ? bit : 0;
}
