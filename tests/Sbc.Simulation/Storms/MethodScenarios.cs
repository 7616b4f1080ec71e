namespace Sbc.Simulation;

/// <summary>
/// Calls with every method and race that a border element carries. All but the races want everything they plan to
/// happen, and on a network that loses nothing it does.
/// </summary>
public static class MethodScenarios
{
    /// <summary>Provisional responses of all kinds that nobody acknowledges, SDP in some of them.</summary>
    public static Scenario EarlyMedia { get; } = new("several provisionals, early media", 10, random => new CallScript
    {
        Strict = true,
        HangUpAfter = random.Between(0, 5000),
        Callee = Answer(random) with
        {
            Ringing = random.Pick([0, 180]),
            Provisionals = Provisionals(random, reliable: false, sdp: true),
            FinalAfter = random.Between(1500, 4000),
        },
    }, 200);

    /// <summary>Provisional responses by RFC 3262: the answer in one of them, or in the 2xx.</summary>
    public static Scenario Reliable { get; } = new("100rel and PRACK", 15, random => new CallScript
    {
        Strict = true,
        Reliable = random.Pick([ReliableSupport.Supported, ReliableSupport.Required]),
        OfferInPrack = random.Chance(0.3),
        HangUpAfter = random.Between(0, 5000),
        Callee = Answer(random) with
        {
            Provisionals = Provisionals(random, reliable: true, sdp: random.Chance(0.7)),
            FinalAfter = random.Between(1000, 4000),
        },
    }, 200);

    /// <summary>INVITE without SDP: offer in a reliable 1xx and answer in PRACK, or in 2xx and ACK.</summary>
    public static Scenario LateOffer { get; } = new("late offer", 10, random => new CallScript
    {
        Strict = true,
        LateOffer = true,
        Reliable = random.Pick([ReliableSupport.None, ReliableSupport.Supported]),
        HangUpAfter = random.Between(10_000, 15_000),
        Steps = Steps(random, StepKind.LateReinvite),
        Callee = Answer(random) with
        {
            Provisionals = Provisionals(random, reliable: true, sdp: random.Chance(0.7)),
            FinalAfter = random.Between(1000, 4000),
            Steps = Steps(random, StepKind.LateReinvite),
        },
    }, 200);

    /// <summary>UPDATE of either side before the answer (RFC 3311).</summary>
    public static Scenario EarlyUpdate { get; } = new("UPDATE in the early dialog", 10, random => new CallScript
    {
        Strict = true,
        Reliable = ReliableSupport.Supported,
        EarlyUpdate = random.Chance(0.6),
        HangUpAfter = random.Between(20_000, 25_000),
        Callee = Answer(random) with
        {
            Provisionals = Provisionals(random, reliable: true, sdp: true),
            FinalAfter = random.Between(1500, 5000),
            EarlyUpdate = random.Chance(0.6),
        },
    }, 200);

    /// <summary>UPDATE of both sides in the answered call, with glare.</summary>
    public static Scenario Update { get; } = new("UPDATE of both sides", 10, random => new CallScript
    {
        Strict = true,
        HangUpAfter = random.Between(30_000, 35_000),
        Steps = Steps(random, StepKind.Update, StepKind.BareUpdate),
        Callee = Answer(random) with { Steps = Steps(random, StepKind.Update, StepKind.BareUpdate) },
    }, 200);

    /// <summary>Offers of both sides at the same moment, by INVITE and UPDATE.</summary>
    public static Scenario Glare { get; } = new("glare", 10, random =>
    {
        long at = random.Between(500, 3000);
        StepKind[] kinds = [StepKind.Reinvite, StepKind.Update, StepKind.LateReinvite];
        return new CallScript
        {
            Strict = true,
            HangUpAfter = random.Between(40_000, 45_000),
            Steps = [new Step(random.Pick(kinds), at + random.Between(0, 3))],
            Callee = Answer(random) with { Steps = [new Step(random.Pick(kinds), at + random.Between(0, 3))] },
        };
    }, 200);

    /// <summary>INFO, MESSAGE, OPTIONS in the dialog, and a method that nobody knows.</summary>
    public static Scenario InDialog { get; } = new("INFO, MESSAGE, OPTIONS and FOO in a call", 10, random =>
        new CallScript
        {
            Strict = true,
            HangUpAfter = random.Between(8000, 10_000),
            Steps = Steps(random, StepKind.Info, StepKind.Message, StepKind.Options, StepKind.Foo),
            Callee = Answer(random) with
            {
                Steps = Steps(random, StepKind.Info, StepKind.Message, StepKind.Options, StepKind.Foo),
            },
        }, 200);

    /// <summary>REFER in the dialog and its NOTIFYs, some of them after BYE.</summary>
    public static Scenario Refer { get; } = new("REFER in a call", 10, random =>
    {
        bool caller = random.Chance(0.5);
        Step[] refer = [new Step(StepKind.Refer, random.Between(0, 3000))];
        return new CallScript
        {
            Strict = true,
            HangUpAfter = random.Between(4000, 7000),
            Steps = caller ? refer : [],
            Callee = Answer(random) with { Steps = caller ? [] : refer },
        };
    }, 200);

    /// <summary>RFC 4028: either side refreshes by UPDATE or re-INVITE, at times after a 422.</summary>
    public static Scenario SessionTimer { get; } = new("session timer", 5, random => new CallScript
    {
        Strict = true,
        SessionExpires = (int)random.Between(90, 120),
        RefreshByReinvite = random.Chance(0.5),
        HangUpAfter = random.Between(150_000, 250_000),
        Callee = Answer(random) with
        {
            SessionExpires = (int)random.Between(90, 91),
            MinSE = random.Pick([90, 90, 130]),
            RefreshByReinvite = random.Chance(0.5),
        },
    }, 200);

    /// <summary>An INVITE that forks to two to four callees, of which one answers; sometimes two.</summary>
    public static Scenario Forked { get; } = new("forks", 15, random => new CallScript
    {
        Strict = true,
        Reliable = random.Pick([ReliableSupport.None, ReliableSupport.Supported]),
        EarlyUpdate = random.Chance(0.2),
        HangUpAfter = random.Between(20_000, 25_000),
        Callee = Branch(random) with { FinalAfter = random.Between(1500, 3000) },
        Forks = [.. Enumerable.Range(0, (int)random.Between(1, 3)).Select(_ => Branch(random) with
        {
            FinalAfter = random.Between(1000, 6000),
            Status = random.Pick([200, 200, 486, 480]),
        })],
    }, 200)
    {
        // The one that answers may wait for a PRACK in vain, and the others refuse.
        LossyFinals = [408, 480, 486, 504],
    };

    /// <summary>Two callees answer within a few milliseconds: both 2xx reach the caller, who ends one call.</summary>
    public static Scenario TwoAnswers { get; } = new("two 2xx of one INVITE", 5, random =>
    {
        long at = random.Between(500, 3000);
        return new CallScript
        {
            Strict = true,
            HangUpAfter = random.Between(0, 5000),
            Callee = Branch(random) with { FinalAfter = at },
            Forks = [Branch(random) with { FinalAfter = at + random.Between(0, 30) }],
        };
    }, 200);

    /// <summary>All branches of a fork refuse: the best response (RFC 3261 16.7) comes.</summary>
    public static Scenario ForkRefused { get; } = new("forks that all refuse", 5, random => new CallScript
    {
        Callee = Branch(random) with { Status = random.Pick([404, 486, 480]), FinalAfter = random.Between(100, 3000) },
        Forks = [.. Enumerable.Range(0, (int)random.Between(1, 3)).Select(_ => Branch(random) with
        {
            FinalAfter = random.Between(100, 3000),
            Status = random.Pick([404, 486, 480, 603]),
        })],
    }, 404, 486, 480, 603);

    /// <summary>A forked INVITE is cancelled.</summary>
    public static Scenario ForkCancelled { get; } = new("forks that are cancelled", 5, random => new CallScript
    {
        CancelAfter = random.Between(100, 3000),
        Reliable = random.Pick([ReliableSupport.None, ReliableSupport.Supported]),
        Callee = Branch(random) with { FinalAfter = 60_000 },
        Forks = [Branch(random) with { FinalAfter = 60_000 }, Branch(random) with { FinalAfter = 60_000 }],
    }, 487);

    /// <summary>The box rings several proxies: the first one answers, and others may at about that time.</summary>
    public static Scenario BoxForked { get; } = new("forks of the box", 10, random => new CallScript
    {
        User = "both",
        Strict = true,
        Headers = [EachProxy],
        Reliable = random.Pick([ReliableSupport.None, ReliableSupport.Supported]),
        EarlyUpdate = random.Chance(0.2),
        HangUpAfter = random.Between(20_000, 25_000),
        Callee = Ringing(random) with { FinalAfter = random.Between(1500, 3000) },
        Forks = [Ringing(random) with
        {
            FinalAfter = random.Between(100, 6000),
            Status = random.Pick([200, 200, 486, 480, 302]),
        }],
    }, 200)
    {
        LossyFinals = [408, 480, 486, 504, 302],
    };

    /// <summary>Both proxies answer within milliseconds: the box ends one of the calls.</summary>
    public static Scenario BoxTwoAnswers { get; } = new("two 2xx of the box's fork", 10, random =>
    {
        long at = random.Between(100, 3000);
        return new CallScript
        {
            User = "both",
            Strict = true,
            Headers = [EachProxy],
            HangUpAfter = random.Between(0, 5000),
            Callee = Ringing(random) with { FinalAfter = at },
            Forks = [Ringing(random) with { FinalAfter = at + random.Between(0, 30) }],
        };
    }, 200);

    /// <summary>All that the box rings refuse.</summary>
    public static Scenario BoxForkRefused { get; } = new("forks of the box that all refuse", 5, random =>
        new CallScript
        {
            User = "both",
            Headers = [EachProxy],
            Callee = Ringing(random) with
            {
                Status = random.Pick([404, 486, 480]),
                FinalAfter = random.Between(100, 3000),
            },
            Forks = [Ringing(random) with
            {
                Status = random.Pick([404, 486, 480, 603]),
                FinalAfter = random.Between(100, 3000),
            }],
        }, 404, 486, 480, 603);

    /// <summary>The caller cancels what the box forked, at times as one of them answers.</summary>
    public static Scenario BoxForkCancelled { get; } = new("forks of the box that are cancelled", 5, random =>
    {
        long at = random.Between(100, 3000);
        return new CallScript
        {
            User = "both",
            Headers = [EachProxy],
            CancelAfter = at,
            HangUpAfter = 1000,
            Callee = Ringing(random) with { FinalAfter = random.Pick([60_000, at]) },
            Forks = [Ringing(random) with { FinalAfter = 60_000 }],
        };
    }, 487, 200);

    /// <summary>MESSAGE to several proxies at once: a success, or the best failure.</summary>
    public static Scenario BoxMessage { get; } = new("MESSAGE that the box forks", 5, random => new CallScript
    {
        Method = "MESSAGE",
        User = "both",
        Headers = [EachProxy],
        Callee = new AnswerScript { Status = random.Pick([200, 404]) },
        Forks = [new AnswerScript { Status = random.Pick([200, 486]) }],
    }, 200, 404, 486);

    public static Scenario Message { get; } = Alone("MESSAGE", 5);

    public static Scenario Publish { get; } = Alone("PUBLISH", 3);

    public static Scenario Options { get; } = Alone("OPTIONS", 3);

    public static Scenario Foo { get; } = Alone("FOO", 3);

    /// <summary>RFC 6665: fetched, refreshed, ended by either side, or expired.</summary>
    public static Scenario Subscribe { get; } = new("SUBSCRIBE", 8, Subscription, 200);

    /// <summary>A SUBSCRIBE that two notifiers answer with NOTIFYs.</summary>
    public static Scenario SubscribeForked { get; } = new("SUBSCRIBE that forks", 3, random =>
    {
        CallScript script = Subscription(random);
        return script with { Forks = [script.Callee! with { NotifyFirst = random.Chance(0.5) }] };
    }, 200);

    /// <summary>REFER outside a dialog: its NOTIFYs make one.</summary>
    public static Scenario ReferAlone { get; } = new("REFER outside a dialog", 3, random => new CallScript
    {
        Method = "REFER",
        Strict = true,
        Callee = new AnswerScript { Strict = true, NotifyFirst = random.Chance(0.5) },
    }, 202);

    /// <summary>302 with one to three targets; the last of them is the first that answers.</summary>
    public static Scenario Redirected { get; } = new("302 that is followed", 5, random =>
    {
        int[] before = [.. Enumerable.Range(0, (int)random.Below(3)).Select(_ => random.Pick([404, 486, 480]))];
        return new CallScript
        {
            Strict = true,
            FollowRedirects = true,
            HangUpAfter = random.Between(0, 5000),
            Callee = Answer(random) with { Status = 302, Redirects = [.. before, 200] },
        };
    }, 200);

    /// <summary>Everything at once with a hangup anywhere: nothing is wanted but that it ends.</summary>
    public static Scenario Races { get; } = new("everything at once", 10, random =>
    {
        StepKind[] kinds = Enum.GetValues<StepKind>();
        Step[] some = [.. Enumerable.Range(0, (int)random.Below(6)).Select(_ =>
            new Step(random.Pick(kinds), random.Between(0, 4000)))];
        Step[] others = [.. Enumerable.Range(0, (int)random.Below(6)).Select(_ =>
            new Step(random.Pick(kinds), random.Between(0, 4000)))];
        bool caller = random.Chance(0.5);
        return new CallScript
        {
            LateOffer = random.Chance(0.2),
            Reliable = random.Pick([ReliableSupport.None, ReliableSupport.Supported, ReliableSupport.Required]),
            EarlyUpdate = random.Chance(0.3),
            OfferInPrack = random.Chance(0.2),
            CancelAfter = random.Chance(0.3) ? random.Between(0, 4000) : null,
            HangUpAfter = caller ? random.Between(0, 4000) : null,
            Steps = some,
            Callee = Answer(random) with
            {
                Provisionals = Provisionals(random, random.Chance(0.7), random.Chance(0.5)),
                EarlyUpdate = random.Chance(0.3),
                HangUpAfter = caller ? null : random.Between(0, 4000),
                Steps = others,
                Strict = false,
                Status = random.Pick([200, 200, 200, 486, 603]),
            },
        };
    }, 200, 486, 487, 603);

    /// <summary>Needs phones (<see cref="Storm.Add(TransferCast)"/>).</summary>
    public static Scenario Attended { get; } = new("attended transfer", 5, _ => new CallScript
    {
        Method = "ATTENDED",
        Strict = true,
    }, 200) { LossyFinals = [408, 480, 481, 487, 503, 504] };

    /// <summary>Needs phones too.</summary>
    public static Scenario Blind { get; } = new("blind transfer", 5, _ => new CallScript
    {
        Method = "BLIND",
        Strict = true,
    }, 200) { LossyFinals = [408, 480, 481, 487, 503, 504] };

    public static IReadOnlyList<Scenario> All { get; } =
    [
        EarlyMedia, Reliable, LateOffer, EarlyUpdate, Update, Glare, InDialog, Refer, SessionTimer, Forked, TwoAnswers,
        ForkRefused, ForkCancelled, Message, Publish, Options, Foo, Subscribe, SubscribeForked, ReferAlone, Redirected,
        Races, Attended, Blind, BoxForked, BoxTwoAnswers, BoxForkRefused, BoxForkCancelled, BoxMessage,
    ];

    /// <summary>The callees are proxies of their own to which the box forks, and not phones behind one.</summary>
    private static HeaderField EachProxy => new(Callee.BranchHeader, "each");

    private static Scenario Alone(string method, int weight) => new($"{method} outside a dialog", weight, random =>
        new CallScript
        {
            Method = method,
            Callee = new AnswerScript { Status = random.Pick([200, 200, 200, 404]), Strict = true },
        }, 200, 404);

    private static CallScript Subscription(Xoshiro random)
    {
        int way = (int)random.Below(5);
        return new CallScript
        {
            Method = "SUBSCRIBE",
            Strict = true,
            Expires = way == 0 ? 0 : way == 1 ? (int)random.Between(60, 90) : 600,
            RefreshAfter = way is 2 or 3 ? random.Between(1000, 10_000) : null,
            UnsubscribeAfter = way == 2 ? random.Between(15_000, 40_000) : null,
            Callee = new AnswerScript
            {
                Strict = true,
                NotifyFirst = random.Chance(0.5),
                TerminateAfter = way >= 3 ? random.Between(15_000, 40_000) : null,
            },
        };
    }

    private static AnswerScript Branch(Xoshiro random) => Answer(random) with
    {
        Provisionals = Provisionals(random, random.Chance(0.5), random.Chance(0.5)),
        EarlyUpdate = random.Chance(0.2),
    };

    // Who loses is cancelled with things still planned.
    private static AnswerScript Ringing(Xoshiro random) => Branch(random) with { Strict = false };

    private static AnswerScript Answer(Xoshiro random) => new()
    {
        Strict = true,
        Trying = random.Chance(0.9),
        Ringing = random.Pick([180, 180, 183, 0]),
        RingingAfter = random.Between(0, 300),
        FinalAfter = random.Between(0, 3000),
    };

    private static IReadOnlyList<Provisional> Provisionals(Xoshiro random, bool reliable, bool sdp)
    {
        int count = (int)random.Between(1, 3);
        return [.. Enumerable.Range(0, count).Select(i => new Provisional(
            random.Pick([180, 182, 183]), random.Between(i * 300, (i * 300) + 300), reliable, sdp && i >= count - 2))];
    }

    private static IReadOnlyList<Step> Steps(Xoshiro random, params StepKind[] kinds) =>
        [.. kinds.Select(kind => new Step(kind, random.Between(0, 5000)))];
}
