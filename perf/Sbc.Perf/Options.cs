using System.Globalization;

namespace Sbc.Perf;

/// <summary>What the command line asks for; every count and time of a run comes from here.</summary>
internal sealed record Options
{
    public const string Usage = """
        perf signalling | media | register | all | acceptance | media-acceptance [options]
          --sbc FILE              this program (out/sbc)
          --rows "TEXT;TEXT"      only rows whose name holds one of the texts
          --rounds N              times each row is run, in turn with the others (3)
          --rate N                calls a second of a measured run (1000)
          --calls N               calls or REGISTERs of a measured run (10000; acceptance 20000)
          --steps N               runs to look for the highest clean rate, 0 = leave out (6)
          --held N                calls held to weigh them, 0 = leave out (5000)
          --settle-seconds N      between the two halves of held calls (35: what RFC 3261 keeps for 32 s is gone)
          --media-calls N,N       calls with media in both directions, 50 packets/s each (100,200,500,1000)
          --network NAME          loopback, or veth: media over veth pairs between network namespaces (loopback)
          --media-seconds N       counted time of a media run (10)
          --bindings N            registered at once to weigh them, 0 = leave out (100000)
          --quick                 one round, 2000 calls, 3 steps, 1000 held, 3 s of media
          --no-write              leave perf/README.md as it is
        """;

    public IReadOnlyList<string> Suites { get; private init; } = [];
    public string? SbcPath { get; private set; }
    public string? RowFilter { get; private set; }
    public int Rounds { get; private set; } = 3;
    public int CallsPerSecond { get; private set; } = 1000;
    public int Calls { get; private set; } = 10000;
    public int RateSteps { get; private set; } = 6;
    public int HeldCalls { get; private set; } = 5000;
    public int SettleSeconds { get; private set; } = 35;
    public IReadOnlyList<int> MediaCalls { get; private set; } = [100, 200, 500, 1000];
    public bool IsVeth { get; private set; }
    public int MediaSeconds { get; private set; } = 10;
    public int Bindings { get; private set; } = 100_000;
    public bool WritesReadme { get; private set; } = true;

    public bool Selects(string row) =>
        RowFilter is null || RowFilter.Split(';').Any(t => row.Contains(t, StringComparison.OrdinalIgnoreCase));

    public static bool TryParse(string[] args, out Options options, out string problem)
    {
        var suites = args.FirstOrDefault() switch
        {
            "signalling" => new[] { "signalling" },
            "media" => ["media"],
            "register" => ["register"],
            "all" => ["signalling", "media", "register"],
            "acceptance" => ["acceptance"],
            "media-acceptance" => ["media-acceptance"],
            _ => [],
        };
        options = new Options { Suites = suites };
        problem = suites.Length == 0 ? "which suite?" : "";
        if (problem.Length > 0) return false;
        if (suites[0] == "acceptance") options.Calls = 20000;
        for (var i = 1; i < args.Length && problem.Length == 0; i++)
        {
            if (args[i] == "--quick") options.MakeQuick();
            else if (args[i] == "--no-write") options.WritesReadme = false;
            else if (i + 1 == args.Length) problem = $"{args[i]}: unknown, or its value is missing";
            else if (!options.TrySet(args[i], args[++i])) problem = $"{args[i - 1]} {args[i]}: not understood";
        }
        return problem.Length == 0;
    }

    private void MakeQuick()
    {
        Rounds = 1;
        Calls = 2000;
        RateSteps = 3;
        HeldCalls = 1000;
        SettleSeconds = 6;
        MediaCalls = [200];
        MediaSeconds = 3;
        Bindings = 10_000;
    }

    private bool TrySetMediaCalls(string value)
    {
        var counts = new List<int>();
        foreach (var part in value.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
            if (number is < 1 or > 2000) return false;
            counts.Add(number);
        }
        MediaCalls = counts;
        return true;
    }

    private bool TrySet(string name, string value)
    {
        if (name == "--sbc") { SbcPath = Path.GetFullPath(value); return true; }
        if (name == "--rows") { RowFilter = value; return true; }
        if (name == "--network") { IsVeth = value == "veth"; return value is "veth" or "loopback"; }
        if (name == "--media-calls") return TrySetMediaCalls(value);
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        switch (name)
        {
            case "--rounds" when number is > 0 and <= 100: Rounds = number; return true;
            case "--rate" when number is > 0 and <= 50_000: CallsPerSecond = number; return true;
            case "--calls" when number is > 0 and <= 1_000_000: Calls = number; return true;
            case "--steps" when number <= 20: RateSteps = number; return true;
            case "--held" when number <= 100_000: HeldCalls = number; return true;
            case "--settle-seconds" when number <= 120: SettleSeconds = number; return true;
            case "--media-seconds" when number is > 0 and <= 600: MediaSeconds = number; return true;
            case "--bindings" when number <= 1_000_000: Bindings = number; return true;
            default: return false;
        }
    }
}
