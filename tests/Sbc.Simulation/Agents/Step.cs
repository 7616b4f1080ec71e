using System.Globalization;

namespace Sbc.Simulation;

/// <summary>Something a party does within an answered call.</summary>
public enum StepKind
{
    Reinvite,

    /// <summary>re-INVITE without SDP: the offer comes in its 2xx, the answer in the ACK (RFC 3261 14.1).</summary>
    LateReinvite,

    /// <summary>UPDATE with an offer (RFC 3311).</summary>
    Update,

    /// <summary>UPDATE without SDP.</summary>
    BareUpdate,
    Info,
    Message,
    Options,

    /// <summary>A method that nobody knows.</summary>
    Foo,

    /// <summary>REFER; the peer's NOTIFYs tell how it went (RFC 3515).</summary>
    Refer,
}

/// <summary>A step and when it comes, in milliseconds after the answer.</summary>
public readonly record struct Step(StepKind Kind, long After)
{
    private const string Letters = "rlubimofx";

    /// <summary>A letter and a number each, as a header field of ours carries them.</summary>
    public static string ToText(IReadOnlyList<Step> steps) => steps.Count == 0
        ? ""
        : string.Join('.', steps.Select(step => string.Create(
            CultureInfo.InvariantCulture, $"{Letters[(int)step.Kind]}{step.After}")));

    public static IReadOnlyList<Step> Parse(string text) => text.Length == 0
        ? []
        : [.. text.Split('.').Select(part => new Step(
            (StepKind)Letters.IndexOf(part[0]), long.Parse(part.AsSpan(1), CultureInfo.InvariantCulture)))];
}

/// <summary>A provisional response above 100.</summary>
/// <param name="Status">180 to 183.</param>
/// <param name="After">Milliseconds after the INVITE.</param>
/// <param name="Reliable">By RFC 3262, where the caller supports it.</param>
/// <param name="Sdp">With the answer, or, reliable and to an INVITE without SDP, with the offer.</param>
public readonly record struct Provisional(int Status, long After, bool Reliable, bool Sdp)
{
    public static string ToText(IReadOnlyList<Provisional> all) => all.Count == 0
        ? ""
        : string.Join('.', all.Select(one => string.Create(CultureInfo.InvariantCulture,
            $"{one.Status}{(one.Reliable ? 'r' : 'u')}{(one.Sdp ? 's' : 'n')}{one.After}")));

    public static IReadOnlyList<Provisional> Parse(string text) => text.Length == 0
        ? []
        : [.. text.Split('.').Select(part => new Provisional(
            int.Parse(part.AsSpan(0, 3), CultureInfo.InvariantCulture),
            long.Parse(part.AsSpan(5), CultureInfo.InvariantCulture),
            part[3] == 'r',
            part[4] == 's'))];
}
