using Sbc.Engine.Worker;

namespace Sbc.Engine.Calls;

/// <summary>What the failures of the targets of one request come to (RFC 3261 16.7).</summary>
public static class Failure
{
    /// <summary>Remembers the best of the failures that did not go to the caller.</summary>
    public static void Keep(ref CallState call, int code)
    {
        if (!IsBetter(call.BestFailure, code)) call.BestFailure = (ushort)code;
    }

    /// <summary>Whether an earlier failure says more than a later one: 6xx first, then the lowest class.</summary>
    public static bool IsBetter(int earlier, int later) => earlier != 0 && Rank(earlier) < Rank(later);

    /// <summary>
    /// Its own 503 is the peer's: the caller must not think that the box is overloaded (16.7 step 6).
    /// </summary>
    public static int ToCaller(int code) => code == 503 ? 500 : code;

    public static CallResult ResultOf(int code) => code switch
    {
        486 or 600 => CallResult.Busy,
        408 or 480 => CallResult.NoAnswer,
        487 => CallResult.Cancelled,
        >= 500 and < 600 => CallResult.Failed,
        _ => CallResult.Rejected,
    };

    // Within 4xx those come first that tell the caller how to try again; nothing heard says least of all.
    private static int Rank(int code) => code switch
    {
        >= 600 => 0,
        < 400 => 1,
        401 or 407 or 415 or 420 or 484 => 2,
        408 => 6,
        < 500 => 3,
        503 => 5,
        _ => 4,
    };
}
