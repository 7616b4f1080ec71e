using System.Globalization;

namespace Sbc.Simulation;

/// <summary>What a party does within a call, in milliseconds after the answer; null: it does not.</summary>
public record InCallScript
{
    public long? HangUpAfter { get; init; }

    public long? ReinviteAfter { get; init; }

    public long? InfoAfter { get; init; }

    public long? OptionsAfter { get; init; }

    /// <summary>A watchdog: ends a call whose other side should have ended it.</summary>
    public long AbandonAfter { get; init; } = 300_000;
}

/// <summary>A call as its caller plans it.</summary>
public sealed record CallScript : InCallScript
{
    /// <summary>The user in the Request-URI and To.</summary>
    public string User { get; init; } = "service";

    /// <summary>Host (and port) of the Request-URI and To; null: the next hop.</summary>
    public string? Domain { get; init; }

    /// <summary>CANCEL this long after the INVITE, once a provisional response allows it.</summary>
    public long? CancelAfter { get; init; }

    /// <summary>How long the caller lets it ring.</summary>
    public long RingingMax { get; init; } = 90_000;

    public string? Password { get; init; }

    /// <summary>Sends and checks RTP.</summary>
    public bool Media { get; init; }

    /// <summary>
    /// What the callee shall do, sent along in a header field of ours; null: what the callee's own script draws.
    /// </summary>
    public AnswerScript? Callee { get; init; }

    /// <summary>The only final status that is right; null: any.</summary>
    public int? ExpectedStatus { get; init; }

    /// <summary>More header fields of the INVITE.</summary>
    public IReadOnlyList<HeaderField> Headers { get; init; } = [];
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

    public long FinalAfter { get; init; } = 500;

    /// <summary>401, 407 or 0.</summary>
    public int Challenge { get; init; }

    /// <summary>The script as the value of a header field.</summary>
    public string ToText() => string.Join(';', new[]
    {
        $"{Status}", $"{(Trying ? 1 : 0)}", $"{Ringing}", $"{RingingAfter}", $"{FinalAfter}", $"{Challenge}",
        $"{HangUpAfter}", $"{ReinviteAfter}", $"{InfoAfter}", $"{OptionsAfter}",
    });

    public static AnswerScript Parse(string text)
    {
        string[] parts = text.Split(';');
        long? Optional(int at) => parts[at].Length == 0 ? null : long.Parse(parts[at], CultureInfo.InvariantCulture);
        int Number(int at) => (int)Optional(at)!.Value;
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
        };
    }
}
