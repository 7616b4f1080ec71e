using Sbc.Media;

namespace Sbc.Engine.Worker;

/// <summary>One m-line of a call as the admin interface shows it: what each side sent, and says that it got.</summary>
/// <param name="Line">Its place in the description, from 0.</param>
public sealed record MediaSummary(int Line, MediaLegSummary Ingress, MediaLegSummary Egress);

/// <summary>One leg of a stream. What is reported comes from the leg's RTCP, and is absent without.</summary>
/// <param name="LossPercent">Of what the leg sent.</param>
/// <param name="ReportedLossPercent">Of what the leg was sent, in its last report.</param>
/// <param name="RoundTripMs">Between the box and the leg.</param>
/// <param name="Mos">See <see cref="VoiceQuality"/>; absent for what is no voice.</param>
public sealed record MediaLegSummary(
    long Packets, double LossPercent, double JitterMs, double? ReportedLossPercent, double? ReportedJitterMs,
    double? RoundTripMs, double? Mos)
{
    public static MediaLegSummary Of(in PortStatistics leg)
    {
        double mos = VoiceQuality.Mos(leg);
        return new MediaLegSummary(
            leg.Packets, Math.Round(leg.LossShare * 100, 2), Math.Round(leg.JitterMilliseconds, 2),
            leg.HasReport ? Math.Round(leg.ReportedLossShare * 100, 2) : null,
            leg.HasReport ? Math.Round(leg.ReportedJitterMilliseconds, 2) : null,
            leg.RoundTripMicroseconds > 0 ? leg.RoundTripMicroseconds / 1000.0 : null,
            mos > 0 ? Math.Round(mos, 2) : null);
    }
}
