using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Sbc.Sip;
using Sbc.Sip.Message;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>The oracle: the grammar of lines by strings and expressions, with nothing of the fast parser.</summary>
internal sealed partial class SlowMessage
{
    private static readonly Dictionary<string, HeaderName> Names = BuildNames();

    public ParseError Error { get; private set; }

    public string Method { get; private set; } = "";

    public string Uri { get; private set; } = "";

    public int Status { get; private set; }

    public string Phrase { get; private set; } = "";

    public List<(HeaderName Name, string NameText, string Value, string Lines)> Fields { get; } = [];

    public string Body { get; private set; } = "";

    /// <summary>What stands behind the body that Content-Length gives.</summary>
    public string After { get; private set; } = "";

    /// <summary>Bytes before the body.</summary>
    public int HeaderBytes { get; private set; }

    /// <summary>Whether a line before the body ends in LF alone.</summary>
    public bool HasBareLineEnd { get; private set; }

    public static SlowMessage Parse(byte[] bytes)
    {
        var message = new SlowMessage();
        string text = Encoding.Latin1.GetString(bytes).TrimStart('\r', '\n');
        message.Error = message.ParseAll(text);
        message.HeaderBytes = text.Length - message.Body.Length - message.After.Length;
        message.HasBareLineEnd = BareLineEnd().IsMatch(text[..message.HeaderBytes]);
        return message;
    }

    public IEnumerable<string> Values(HeaderName name) =>
        Fields.Where(field => field.Name == name).Select(field => field.Value);

    private ParseError ParseAll(string text)
    {
        if (text == "") return ParseError.KeepAlive;
        string[] halves = text.Split('\n', 2);
        string first = halves[0].EndsWith('\r') ? halves[0][..^1] : halves[0];
        ParseError start = ParseStartLine(first);
        if (start == ParseError.NotSip) return start;
        ParseError headers = halves.Length == 1 ? ParseError.HeaderUnending : ParseHeaders(halves[1]);
        return start == ParseError.None ? headers : start;
    }

    private ParseError ParseStartLine(string line)
    {
        if (line.StartsWith("SIP/2.0", StringComparison.OrdinalIgnoreCase))
        {
            Match status = StatusLine().Match(line);
            if (!status.Success) return ParseError.NotSip;
            Status = int.Parse(status.Groups[1].Value);
            Phrase = status.Groups[2].Value;
            return ParseError.None;
        }
        Match request = RequestLine().Match(line);
        if (!request.Success) return ParseError.NotSip;
        Method = request.Groups[1].Value;
        bool ours = request.Groups[3].Value.Equals("SIP/2.0", StringComparison.OrdinalIgnoreCase);
        if (!ours) return ParseError.BadVersion;
        string uri = request.Groups[2].Value;
        if (request.Groups[4].Value != "" || !PlainUri().IsMatch(uri)) return ParseError.BadStartLine;
        Uri = uri;
        return ParseError.None;
    }

    private ParseError ParseHeaders(string rest)
    {
        while (true)
        {
            string lines = "";
            do
            {
                int feed = rest.IndexOf('\n');
                string line = feed < 0 ? rest : rest[..feed];
                if (line.EndsWith('\r')) line = line[..^1];
                if (lines != "" && !lines.EndsWith("\r\n")) return ParseError.BadHeader;
                if (line.Contains('\r')) return ParseError.BadHeader;
                if (feed < 0) return ParseError.HeaderUnending;
                lines += rest[..(feed + 1)];
                rest = rest[(feed + 1)..];
                if (line == "" && lines.Trim('\r', '\n') == "") return ParseBody(rest);
            }
            while (rest.StartsWith(' ') || rest.StartsWith('\t'));
            if (HasBareNul(lines)) return ParseError.BadHeader;
            if (Fields.Count == SipLimits.HeadersMax) return ParseError.TooManyHeaders;
            Match field = Field().Match(lines);
            if (!field.Success) return ParseError.BadHeader;
            string name = field.Groups[1].Value;
            string value = field.Groups[2].Value.Trim(' ', '\t', '\r', '\n');
            Fields.Add((Names.GetValueOrDefault(name), name, value, lines));
        }
    }

    /// <summary>A NUL that is no quoted pair of a quoted string.</summary>
    private static bool HasBareNul(string field) =>
        QuotedString().Replace(field, match => QuotedPair().Replace(match.Value, "")).Contains('\0');

    private ParseError ParseBody(string rest)
    {
        Body = rest;
        string? length = Values(HeaderName.ContentLength).FirstOrDefault();
        if (length is null) return ParseError.None;
        if (!Digits().IsMatch(length) || BigInteger.Parse(length) > rest.Length) return ParseError.BadContentLength;
        (Body, After) = (rest[..int.Parse(length)], rest[int.Parse(length)..]);
        return ParseError.None;
    }

    private static Dictionary<string, HeaderName> BuildNames()
    {
        var names = new Dictionary<string, HeaderName>(StringComparer.OrdinalIgnoreCase);
        foreach (HeaderName name in Enum.GetValues<HeaderName>().Skip(1)) names[Spelling(name)] = name;
        const string Compact =
            "v Via f From t To i CallId m Contact c ContentType l ContentLength e ContentEncoding k Supported " +
            "o Event u AllowEvents s Subject r ReferTo b ReferredBy x SessionExpires y Identity " +
            "d RequestDisposition";
        foreach (string[] pair in Compact.Split(' ').Chunk(2)) names[pair[0]] = Enum.Parse<HeaderName>(pair[1]);
        return names;
    }

    /// <summary>How a name is written on the wire.</summary>
    public static string Spelling(HeaderName name) => name switch
    {
        HeaderName.CallId => "Call-ID",
        HeaderName.CSeq or HeaderName.RSeq or HeaderName.RAck => name.ToString(),
        _ => string.Concat(name.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"-{c}" : $"{c}")),
    };

    [GeneratedRegex(@"^SIP/2\.0 ([1-6][0-9][0-9])(?: ([^\x00-\x08\x0A-\x1F\x7F]*))?\z", RegexOptions.IgnoreCase)]
    private static partial Regex StatusLine();

    [GeneratedRegex(@"^([A-Za-z0-9\-.!%*_+`'~]+) (.*) ([Ss][Ii][Pp]/[^ ]*?)([ \t]*)\z", RegexOptions.Singleline)]
    private static partial Regex RequestLine();

    [GeneratedRegex(@"^[^\x00-\x20\x7F]+\z")]
    private static partial Regex PlainUri();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*(?:\"|\\z)", RegexOptions.Singleline)]
    private static partial Regex QuotedString();

    [GeneratedRegex(@"\\.", RegexOptions.Singleline)]
    private static partial Regex QuotedPair();

    [GeneratedRegex(@"^([A-Za-z0-9\-.!%*_+`'~]+)[ \t]*:(.*)\z", RegexOptions.Singleline)]
    private static partial Regex Field();

    [GeneratedRegex(@"(?<!\r)\n")]
    private static partial Regex BareLineEnd();

    [GeneratedRegex(@"^[0-9]+\z")]
    private static partial Regex Digits();
}
