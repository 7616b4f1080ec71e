namespace Sbc.Perf.Registrations;

/// <summary>The rows of the table of registrars, in its order. This program asks every user for credentials.</summary>
internal static class RegisterRows
{
    public static IReadOnlyList<Registrar> All { get; } =
    [
        new KamailioRegistrar("Kamailio", challenges: false),
        new KamailioRegistrar("Kamailio, digest", challenges: true),
        new SbcRegistrar("sbc, workers 1, digest", "1", challenges: true),
        new SbcRegistrar("sbc, workers auto, digest", "auto", challenges: true),
    ];
}
