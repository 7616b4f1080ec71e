namespace Sbc.Perf.Subjects;

/// <summary>The rows of the signalling table, in its order.</summary>
internal static class SignallingRows
{
    public static Subject Floor { get; } = new FloorForwarder(1);
    public static Subject Dialogs { get; } = new Kamailio("Kamailio, tm + dialog", "proxy.cfg");
    public static Subject Product { get; } = new SbcProgram("sbc, workers auto", new SbcSetup("auto"));

    public static IReadOnlyList<Subject> All { get; } =
    [
        Floor,
        new FloorForwarder(2),
        new Kamailio("Kamailio, stateless", "stateless.cfg"),
        Dialogs,
        new Kamailio("Kamailio, tm + dialog + topoh", "proxy.cfg", "TOPOH"),
        new Kamailio("Kamailio, tm + dialog + topoh + rtpengine", "proxy.cfg", "TOPOH", "RTPENGINE"),
        new SbcProgram("sbc, mode forward, workers 1", new SbcSetup("1", Mode: "forward")),
        new SbcProgram("sbc, workers 1", new SbcSetup("1")),
        Product,
        new SbcProgram("sbc, workers auto, a port a call", new SbcSetup("auto"), manyPorts: true),
        new SbcProgram("sbc, workers 1, media anchored", new SbcSetup("1", Media: true)),
        new SbcProgram("sbc, workers auto, media anchored", new SbcSetup("auto", Media: true)),
    ];
}
