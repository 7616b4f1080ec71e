namespace Sbc.Perf.Registrations;

/// <summary>The rows of the table of registrars, in its order.</summary>
internal static class RegisterRows
{
    public static IReadOnlyList<Registrar> All { get; } =
    [
        new KamailioRegistrar("Kamailio, unasked", challenges: false),
        new SbcRegistrar("sbc, workers 1, unasked", "1", challenges: false),
        new SbcRegistrar("sbc, workers auto, unasked", "auto", challenges: false),
        new KamailioRegistrar("Kamailio, digest", challenges: true),
        new SbcRegistrar("sbc, workers 1, digest", "1", challenges: true),
        new SbcRegistrar("sbc, workers auto, digest", "auto", challenges: true),
        new SbcRegistrar("sbc, workers auto, digest, in SQLite", "auto", challenges: true, keeps: true),
    ];
}
