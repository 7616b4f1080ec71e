namespace Sbc.Simulation;

/// <summary>The calls a farm sees, the awkward ones far more often than there.</summary>
public static class UsualScenarios
{
    public static Scenario CallerHangsUp { get; } = new("caller hangs up", 20, random => new CallScript
    {
        HangUpAfter = random.Between(0, 20_000),
        Callee = Answer(random),
    }, 200);

    public static Scenario CalleeHangsUp { get; } = new("callee hangs up", 20, random => new CallScript
    {
        Callee = Answer(random) with { HangUpAfter = random.Between(0, 20_000) },
    }, 200);

    public static Scenario BothHangUp { get; } = new("both hang up at once", 5, random => new CallScript
    {
        HangUpAfter = 3000 + random.Between(0, 100),
        Callee = Answer(random) with { HangUpAfter = 3000 + random.Between(0, 100) },
    }, 200);

    public static Scenario Refused { get; } = new("refused", 15, random => new CallScript
    {
        Callee = Answer(random) with { Status = random.Pick([404, 486, 480, 603, 302]) },
    }, 404, 486, 480, 603, 302);

    public static Scenario Cancelled { get; } = new("cancelled while ringing", 10, random => new CallScript
    {
        CancelAfter = random.Between(0, 5000),
        // Without a provisional response a CANCEL may not be sent.
        Callee = Answer(random) with { Trying = true, FinalAfter = 60_000 },
    }, 487);

    /// <summary>CANCEL and 2xx, or CANCEL and 486, cross.</summary>
    public static Scenario CancelRace { get; } = new("CANCEL crosses the final response", 10, random =>
    {
        long at = random.Between(100, 2000);
        return new CallScript
        {
            CancelAfter = at,
            HangUpAfter = 1000,
            Callee = Answer(random) with
            {
                FinalAfter = at + random.Between(-50, 50),
                Status = random.Pick([200, 486]),
            },
        };
    }, 200, 486, 487);

    public static Scenario Reinvites { get; } = new("re-INVITE, INFO and OPTIONS of both sides", 10, random =>
        new CallScript
        {
            ReinviteAfter = random.Between(0, 5000),
            InfoAfter = random.Between(0, 5000),
            OptionsAfter = random.Between(0, 5000),
            HangUpAfter = random.Between(3000, 10_000),
            Callee = Answer(random) with
            {
                ReinviteAfter = random.Between(0, 5000),
                InfoAfter = random.Between(0, 5000),
                OptionsAfter = random.Between(0, 5000),
            },
        }, 200);

    public static Scenario Challenged { get; } = new("challenged", 8, random => new CallScript
    {
        Password = "secret",
        HangUpAfter = random.Between(0, 5000),
        Callee = Answer(random) with { Challenge = random.Pick([401, 407]) },
    }, 200);

    public static Scenario Hasty { get; } = new("answered at once, without a provisional", 5, random => new CallScript
    {
        HangUpAfter = random.Between(0, 500),
        Callee = new AnswerScript { Trying = false, Ringing = 0, FinalAfter = random.Between(0, 5) },
    }, 200);

    /// <summary>Not in <see cref="All"/>: with failover a box calls the next peer, then answers itself.</summary>
    public static Scenario Silent { get; } = new("nobody answers", 3, _ => new CallScript
    {
        Callee = new AnswerScript { Status = 0 },
    }, 408, 480, 503, 504);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        CallerHangsUp, CalleeHangsUp, BothHangUp, Refused, Cancelled, CancelRace, Reinvites, Challenged, Hasty,
    ];

    /// <summary>The same calls with RTP in them.</summary>
    public static Scenario WithMedia(Scenario scenario) =>
        scenario with { Draw = random => scenario.Draw(random) with { Media = true } };

    private static AnswerScript Answer(Xoshiro random) => new()
    {
        Trying = random.Chance(0.9),
        Ringing = random.Pick([180, 180, 183, 0]),
        RingingAfter = random.Between(0, 300),
        FinalAfter = random.Between(0, 3000),
    };
}
