using System.Globalization;

namespace Sbc.Tests.Peers;

/// <summary>
/// A flow as text, from which every party's SIPp scenario is made, so that both ends of a message are one line.
/// </summary>
/// <remarks>
/// <c>alice -> bob: INVITE</c> is sent by alice's SIPp and expected by bob's; with <c>box</c> as one of the two, only
/// the other has a part in it. A response answers the last request its sender got, or says which: <c>200 INVITE</c>.
/// A word behind a request's method is the user of the Request-URI. Indented lines belong to the message above:
/// <c>@sdp sendonly</c>, <c>@frag TEXT</c> and <c>@text TEXT</c> are bodies, <c>? REGEX</c> is what the receiver
/// must find in the message (<c>?! REGEX</c>: must not), anything else is a header of the sender. <c>@once</c> keeps
/// SIPp from sending a request again, which it would even after a request has come. <c>bob pauses 500</c> is in
/// milliseconds.
/// </remarks>
public sealed class SippFlow
{
    private const string Box = "box";

    private readonly Dictionary<string, SippScenario> _parties = [];

    public SippFlow(string name, string text)
    {
        Name = Path.GetFileName(name);
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].Trim() == "" || lines[i][0] == '#') continue;
            if (lines[i].Split(" pauses ") is [string who, string time])
            {
                Party(who).Pause(int.Parse(time, CultureInfo.InvariantCulture));
                continue;
            }
            int first = i + 1;
            while (i + 1 < lines.Length && lines[i + 1].StartsWith(' ')) i++;
            Message(lines[first - 1], lines[first..(i + 1)]);
        }
    }

    public static string Folder => Path.Combine(PeerLab.Root, "tests", "Sbc.Tests", "Peers", "flows");

    public string Name { get; }

    public IReadOnlyCollection<string> Parties => _parties.Keys;

    public static SippFlow Load(string name) => new(name, File.ReadAllText(Path.Combine(Folder, name + ".flow")));

    /// <summary>The scenario of one party, as SIPp reads it.</summary>
    public string ScenarioOf(string party) => _parties[party].ToXml($"{Name}-{party}");

    private void Message(string line, string[] more)
    {
        int arrow = line.IndexOf(" -> ", StringComparison.Ordinal);
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (arrow < 0 || colon < arrow) throw new FormatException($"no message of a flow: {line}");
        string from = line[..arrow], to = line[(arrow + 4)..colon];
        string[] start = line[(colon + 2)..].Split(' ');
        string[] parts = [.. more.Select(part => part.Trim())];
        string[] sent = [.. parts.Where(part => !part.StartsWith('?'))];
        string[] seen = [.. parts.Where(part => part.StartsWith('?')).Select(part => part[1..].Trim())];
        bool isResponse = char.IsDigit(start[0][0]);
        if (from != Box)
        {
            if (isResponse) Party(from).SendResponse(start[0], start.ElementAtOrDefault(1), sent);
            else Party(from).SendRequest(start[0], start.ElementAtOrDefault(1), sent);
        }
        if (to == Box) return;
        if (isResponse) Party(to).ReceiveResponse(start[0], start.ElementAtOrDefault(1), seen);
        else Party(to).ReceiveRequest(start[0], seen);
    }

    private SippScenario Party(string name)
    {
        if (!_parties.TryGetValue(name, out SippScenario? party)) _parties[name] = party = new SippScenario(name);
        return party;
    }
}
