using System.Globalization;

namespace Sbc.Demo;

/// <summary>One message of SIPp's message log.</summary>
internal sealed record LoggedMessage(DateTime At, bool Sent, string Text)
{
    public string FirstLine { get; } = Text.Split('\n', 2)[0].TrimEnd('\r');

    public string CallId { get; } = Header(Text, "Call-ID");

    public string CSeq { get; } = Header(Text, "CSeq");

    /// <summary>Which phone a call is of: the user in From, which passes the box unchanged.</summary>
    public string Caller { get; } = Header(Text, "From").Split("sip:").Last().Split('@')[0];

    public bool IsRequest(string method) => FirstLine.StartsWith(method + " ", StringComparison.Ordinal);

    public bool IsResponse(int status, string method) =>
        FirstLine.StartsWith($"SIP/2.0 {status}", StringComparison.Ordinal)
        && CSeq.EndsWith(method, StringComparison.Ordinal);

    private static string Header(string text, string name)
    {
        foreach (string line in text.Split('\n'))
        {
            if (line.Length <= 1) break;
            if (line.StartsWith($"{name}:", StringComparison.OrdinalIgnoreCase))
                return line[(name.Length + 1)..].Trim();
        }
        return "";
    }
}

/// <summary>Everything one SIPp sent and received (-trace_msg), in order.</summary>
internal sealed class MessageLog
{
    private const string Rule = "-----------------------------------------------";

    public MessageLog(string path)
    {
        if (!File.Exists(path)) return;
        foreach (string entry in File.ReadAllText(path).Split(Rule + " ", StringSplitOptions.RemoveEmptyEntries))
        {
            // The time; "UDP message sent (N bytes):" or "UDP message received [N] bytes :"; an empty line; the
            // message.
            string[] parts = entry.Split('\n', 4);
            if (parts.Length < 4 || !TryReadTime(parts[0], out DateTime at)) continue;
            Messages.Add(new LoggedMessage(at, parts[1].Contains(" sent ", StringComparison.Ordinal), parts[3].Trim()));
        }
    }

    public List<LoggedMessage> Messages { get; } = [];

    private static bool TryReadTime(string text, out DateTime at) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, out at);

    /// <summary>The first message of each call that fits.</summary>
    public Dictionary<string, LoggedMessage> First(Func<LoggedMessage, bool> fits) => Messages.Where(fits)
        .GroupBy(message => message.CallId).ToDictionary(group => group.Key, group => group.First());
}
