using System.Globalization;

namespace Sbc.Demo;

/// <summary>The last line of SIPp's statistics file.</summary>
internal sealed record SippStatistics(int Placed, int Running, int Succeeded, int Failed, int SentAgain)
{
    public static readonly SippStatistics None = new(0, 0, 0, 0, 0);

    public static SippStatistics Read(string path)
    {
        if (!File.Exists(path)) return None;
        string[] lines = File.ReadAllLines(path);
        if (lines.Length < 2) return None;
        string[] names = lines[0].Split(';');
        // SIPp may be in the middle of its last line.
        string? last = lines.Skip(1).LastOrDefault(line => line.Split(';').Length == names.Length);
        if (last is null) return None;
        string[] values = last.Split(';');
        int Value(string name) => int.Parse(values[Array.IndexOf(names, name)], CultureInfo.InvariantCulture);
        return new SippStatistics(Value("TotalCallCreated"), Value("CurrentCall"), Value("SuccessfulCall(C)"),
            Value("FailedCall(C)"), Value("Retransmissions(C)"));
    }
}
