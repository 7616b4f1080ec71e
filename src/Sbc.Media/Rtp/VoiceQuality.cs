namespace Sbc.Media;

/// <summary>An estimate of what a listener would say of a call: 1 (bad) to 4.4 (as good as G.711 gets).</summary>
/// <remarks>
/// The E-model of ITU-T G.107 with its default values for everything but delay and loss, so that the rating is
/// R = 93.2 - Id - Ie,eff. Id is the usual linear form of 7.4 (R. G. Cole, J. H. Rosenbluth, 2001) of the one-way
/// delay: half the round trip, and twice the jitter for the listener's buffer. Ie,eff is G.107 (7-29) for random loss
/// and G.711 with concealment (Ie 0, Bpl 25.1, G.113 appendix I): codecs of lower rate are rated up to 0.5 too high, as
/// nothing in RTP tells which codec a payload type is. MOS from R is G.107 annex B.
/// </remarks>
public static class VoiceQuality
{
    private const double BestRating = 93.2;
    private const double LossRobustness = 25.1;

    /// <summary>Clocks above it are video's, of which this says nothing.</summary>
    private const int ClockHzMax = 48_000;

    /// <param name="lossShare">0 to 1.</param>
    public static double Mos(double lossShare, double roundTripMilliseconds, double jitterMilliseconds)
    {
        double delay = (roundTripMilliseconds / 2) + (2 * jitterMilliseconds);
        double delayed = (0.024 * delay) + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0);
        double lossPercent = Math.Clamp(lossShare, 0, 1) * 100;
        double lost = 95 * lossPercent / (lossPercent + LossRobustness);
        double rating = Math.Clamp(BestRating - delayed - lost, 0, 100);
        return Math.Max(1, 1 + (0.035 * rating) + (rating * (rating - 60) * (100 - rating) * 7e-6));
    }

    /// <summary>Of a leg; 0 where nothing was received or it is no voice.</summary>
    public static double Mos(in PortStatistics leg)
    {
        if (leg.Packets == 0 || leg.ClockHz is <= 0 or > ClockHzMax) return 0;
        // The worse of both ways: one-way quality is what people complain of.
        return Mos(
            Math.Max(leg.LossShare, leg.ReportedLossShare), leg.RoundTripMicroseconds / 1000.0,
            Math.Max(leg.JitterMilliseconds, leg.ReportedJitterMilliseconds));
    }
}
