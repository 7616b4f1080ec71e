using System.Globalization;
using System.Text;

namespace Sbc.Simulation;

public readonly record struct HeaderField(string Name, string Value);

/// <summary>A SIP message as text, the obvious way: a start line, a list of header fields, a body.</summary>
/// <remarks>Latin-1 all through, so that every byte survives.</remarks>
public sealed class SipMessage
{
    /// <summary>Null for a response.</summary>
    public string? Method { get; private init; }

    public string RequestUri { get; set; } = "";

    public int Status { get; private init; }

    public string Reason { get; private init; } = "";

    public List<HeaderField> Headers { get; } = new(16);

    public string Body { get; set; } = "";

    public bool IsRequest => Method != null;

    public string StartLine => IsRequest
        ? $"{Method} {RequestUri} SIP/2.0"
        : $"SIP/2.0 {Status.ToString(CultureInfo.InvariantCulture)} {Reason}";

    /// <summary>The first value of a header field, or null.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (HeaderField field in Headers)
            {
                if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) return field.Value;
            }
            return null;
        }
    }

    public string CallId => this["Call-ID"] ?? "";

    public string From => this["From"] ?? "";

    public string To => this["To"] ?? "";

    public string FromTag => HeaderValue.Parameter(From, "tag") ?? "";

    public string ToTag => HeaderValue.Parameter(To, "tag") ?? "";

    public uint CSeqNumber => TryCSeq(out uint number, out _) ? number : 0;

    public string CSeqMethod => TryCSeq(out _, out string method) ? method : "";

    public string TopBranch => HeaderValue.Parameter(this["Via"] ?? "", "branch") ?? "";

    public static SipMessage Request(string method, string uri) => new() { Method = method, RequestUri = uri };

    public static SipMessage Response(int status, string? reason = null) =>
        new() { Status = status, Reason = reason ?? ReasonPhrase.Of(status) };

    /// <summary>All values of a header field, one for each line, or one for each element where it is a list.</summary>
    public List<string> All(string name, bool split = false)
    {
        var values = new List<string>(2);
        foreach (HeaderField field in Headers)
        {
            if (!field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            if (split) HeaderValue.SplitList(field.Value, values);
            else values.Add(field.Value);
        }
        return values;
    }

    public SipMessage Add(string name, string value)
    {
        Headers.Add(new HeaderField(name, value));
        return this;
    }

    public void Prepend(string name, string value) => Headers.Insert(0, new HeaderField(name, value));

    public void Set(string name, string value)
    {
        int at = Headers.FindIndex(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (at < 0) Add(name, value);
        else Headers[at] = new HeaderField(name, value);
    }

    public void RemoveAll(string name) =>
        Headers.RemoveAll(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Copies every field of this name.</summary>
    public void Copy(SipMessage from, string name)
    {
        foreach (HeaderField field in from.Headers)
        {
            if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) Headers.Add(field);
        }
    }

    public SipMessage Clone()
    {
        var copy = new SipMessage
        {
            Method = Method, RequestUri = RequestUri, Status = Status, Reason = Reason, Body = Body,
        };
        copy.Headers.AddRange(Headers);
        return copy;
    }

    public bool TryCSeq(out uint number, out string method)
    {
        number = 0;
        method = "";
        string value = this["CSeq"] ?? "";
        int space = value.IndexOf(' ');
        if (space <= 0) return false;
        method = value[(space + 1)..].Trim();
        return uint.TryParse(value.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    public override string ToString()
    {
        var text = new StringBuilder(600);
        text.Append(StartLine).Append("\r\n");
        foreach (HeaderField field in Headers)
        {
            if (field.Name != "Content-Length") text.Append(field.Name).Append(": ").Append(field.Value).Append("\r\n");
        }
        text.Append("Content-Length: ").Append(Body.Length).Append("\r\n\r\n").Append(Body);
        return text.ToString();
    }

    /// <summary>The message with a Content-Length that is right.</summary>
    public byte[] ToBytes() => Encoding.Latin1.GetBytes(ToString());

    public static bool TryParse(ReadOnlySpan<byte> bytes, out SipMessage message, out string error)
    {
        string text = Encoding.Latin1.GetString(bytes);
        int end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        message = new SipMessage();
        error = "no empty line after the header";
        if (end < 0) return false;
        int lineEnd = text.IndexOf("\r\n", StringComparison.Ordinal);
        error = "bad start line";
        if (!TryStartLine(text[..lineEnd], out message)) return false;
        int at = lineEnd + 2;
        while (at < end + 2)
        {
            lineEnd = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            ReadOnlySpan<char> line = text.AsSpan(at, lineEnd - at);
            at = lineEnd + 2;
            error = $"bad header line '{line}'";
            if (!message.TryAddLine(line)) return false;
        }
        message.Body = text[(end + 4)..];
        error = "";
        return true;
    }

    private static bool TryStartLine(string line, out SipMessage message)
    {
        message = new SipMessage();
        if (line.StartsWith("SIP/2.0 ", StringComparison.Ordinal))
        {
            if (line.Length < 12 || line[11] != ' ') return false;
            if (!int.TryParse(line.AsSpan(8, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status))
            {
                return false;
            }
            message = new SipMessage { Status = status, Reason = line[12..] };
            return status is >= 100 and < 700;
        }
        string[] parts = line.Split(' ');
        if (parts.Length != 3 || parts[2] != "SIP/2.0" || parts[0].Length == 0 || parts[1].Length == 0) return false;
        message = new SipMessage { Method = parts[0], RequestUri = parts[1] };
        return true;
    }

    private bool TryAddLine(ReadOnlySpan<char> line)
    {
        if (line.Length > 0 && line[0] is ' ' or '\t')
        {
            if (Headers.Count == 0) return false;
            HeaderField last = Headers[^1];
            Headers[^1] = last with { Value = $"{last.Value} {line.Trim()}" };
            return true;
        }
        int colon = line.IndexOf(':');
        if (colon <= 0) return false;
        string name = HeaderValue.LongName(line[..colon].Trim());
        string value = line[(colon + 1)..].Trim().ToString();
        if (name == "Via" && value.Contains(','))
        {
            // One Via a line from here on, so that the topmost one is the first field.
            var elements = new List<string>(2);
            HeaderValue.SplitList(value, elements);
            foreach (string element in elements) Headers.Add(new HeaderField(name, element));
            return true;
        }
        Headers.Add(new HeaderField(name, value));
        return true;
    }
}
