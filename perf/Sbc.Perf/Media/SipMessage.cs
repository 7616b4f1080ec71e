using System.Text;

namespace Sbc.Perf.Media;

/// <summary>A received message, read as far as the two ends of the media rows need it.</summary>
internal sealed class SipMessage
{
    private readonly string[] lines;

    public SipMessage(ReadOnlySpan<byte> datagram)
    {
        Text = Encoding.Latin1.GetString(datagram);
        var end = Text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        lines = (end < 0 ? Text : Text[..end]).Split("\r\n");
        Body = end < 0 ? "" : Text[(end + 4)..];
    }

    public string Text { get; }
    public string Body { get; }
    public bool IsResponse => lines[0].StartsWith("SIP/2.0 ", StringComparison.Ordinal);
    public int Status => IsResponse && int.TryParse(lines[0].AsSpan(8, 3), out var status) ? status : 0;
    public string Method => IsResponse ? "" : lines[0].Split(' ')[0];
    public string RequestUser => IsResponse ? "" : lines[0].Split(' ')[1].Split(':', '@')[1];

    public string First(string name) => All(name).FirstOrDefault() ?? "";

    public IEnumerable<string> All(string name) =>
        lines.Skip(1).Where(l => l.Split(':')[0].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(l => l[(l.IndexOf(':') + 1)..].Trim());

    /// <summary>The answer to this request; <paramref name="more"/> holds whole header lines.</summary>
    public string Answer(string status, string toTag, string more = "", string body = "")
    {
        var text = new StringBuilder($"SIP/2.0 {status}\r\n");
        foreach (var name in new[] { "Via", "Record-Route", "From", "To", "Call-ID", "CSeq" })
            foreach (var value in All(name))
            {
                text.Append(name).Append(": ").Append(value);
                if (name == "To" && !value.Contains(";tag=", StringComparison.Ordinal))
                    text.Append(";tag=").Append(toTag);
                text.Append("\r\n");
            }
        return text.Append(more).Append($"Content-Length: {body.Length}\r\n\r\n{body}").ToString();
    }
}
