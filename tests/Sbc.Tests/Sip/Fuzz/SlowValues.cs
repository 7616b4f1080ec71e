using System.Net;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Sbc.Tests.Sip.Fuzz;

internal sealed record SlowUri(string User, string Host, int Port, string Parameters, string Headers);

internal sealed record SlowAddress(string Display, string Uri, string Parameters, string? Tag);

internal sealed record SlowVia(string Transport, string Host, int Port, string Branch, bool HasRport);

/// <summary>The oracle's values: null is what does not parse.</summary>
internal static partial class SlowValues
{
    private static readonly char[] Space = [' ', '\t', '\r', '\n'];

    public static SlowUri? Uri(string text)
    {
        Match match = SipUri().Match(text);
        if (!match.Success || NeverInUri().IsMatch(text)) return null;
        string host = match.Groups["host"].Value;
        if (host[0] == '[' && !IsLiteral(host)) return null;
        if (match.Groups["user"].Value.Contains('"')) return null;
        if (!TryPort(match.Groups["port"], out int port)) return null;
        return new SlowUri(
            match.Groups["user"].Value, host, port, match.Groups["parameters"].Value, match.Groups["headers"].Value);
    }

    public static SlowAddress? NameAddress(string text)
    {
        text = text.Trim(Space);
        // Quoted strings are hidden first, so that what is in them separates nothing.
        string hidden = Hide(text);
        int open = hidden.IndexOf('<');
        if (open < 0)
        {
            string uri = text.Split(';')[0];
            string bare = uri.Trim(Space);
            if (bare == "" || bare.IndexOfAny([' ', '\t', '\r', '\n', '"', '>', '?', ',']) >= 0) return null;
            if (!AreQuotedWell(text[uri.Length..])) return null;
            return new SlowAddress("", bare, text[uri.Length..], Tag(text[uri.Length..]));
        }
        int close = text.IndexOf('>', open);
        if (close < 0) return null;
        string parameters = text[(close + 1)..].TrimStart(Space);
        string inside = text[(open + 1)..close].Trim(Space);
        if (inside == "" || inside.Contains('<') || (parameters != "" && parameters[0] != ';')) return null;
        if (hidden[..open].IndexOfAny([';', '>', ',']) >= 0 || !AreQuotedWell(parameters)) return null;
        return new SlowAddress(text[..open].Trim(Space), inside, parameters, Tag(parameters));
    }

    public static SlowVia? Via(string field)
    {
        string text = Split(field)[0].Trim(Space);
        Match match = ViaValue().Match(text);
        if (!match.Success || !TryPort(match.Groups["port"], out int port)) return null;
        if (match.Groups["host"].Value[0] == '[' && !IsLiteral(match.Groups["host"].Value)) return null;
        if (!AreQuotedWell(match.Groups["parameters"].Value)) return null;
        string? branch = null;
        bool rport = false;
        foreach ((string name, string value) in Parameters(match.Groups["parameters"].Value))
        {
            if (name.Equals("branch", StringComparison.OrdinalIgnoreCase) && branch != null) return null;
            if (name.Equals("branch", StringComparison.OrdinalIgnoreCase)) branch = value;
            if (name.Equals("rport", StringComparison.OrdinalIgnoreCase)) rport = true;
        }
        return new SlowVia(match.Groups["transport"].Value, match.Groups["host"].Value, port, branch ?? "", rport);
    }

    /// <summary>Number and parameters of a tel: URI; null for any other.</summary>
    public static (string Number, string Parameters)? Tel(string text)
    {
        Match match = TelUri().Match(text);
        return match.Success && !NeverInUri().IsMatch(text) ? (match.Groups[1].Value, match.Groups[2].Value) : null;
    }

    /// <summary>Number and method; null where it is none or too large.</summary>
    public static (uint Number, string Method)? CSeq(string text)
    {
        Match match = CSeqValue().Match(text);
        if (!match.Success || BigInteger.Parse(match.Groups[1].Value) > int.MaxValue) return null;
        return ((uint)BigInteger.Parse(match.Groups[1].Value), match.Groups[2].Value);
    }

    public static List<(string Name, string Value)> Parameters(string text)
    {
        var found = new List<(string, string)>();
        string hidden = Hide(text);
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && hidden[i] != ';') continue;
            string[] parts = text[start..i].Trim(Space).Split('=', 2);
            string value = parts.Length > 1 ? parts[1].Trim(Space) : "";
            if (parts[0] != "" || parts.Length > 1) found.Add((parts[0].Trim(Space), value));
            start = i + 1;
        }
        return found;
    }

    /// <summary>The values of one field, empty ones too.</summary>
    public static List<string> Split(string field)
    {
        var values = new List<string> { "" };
        bool quoted = false, bracketed = false;
        for (int i = 0; i < field.Length; i++)
        {
            char c = field[i];
            if (c == ',' && !quoted && !bracketed)
            {
                values.Add("");
                continue;
            }
            if (quoted && c == '\\' && i + 1 < field.Length) values[^1] += field[i++];
            else if (c == '"' && !bracketed) quoted = !quoted;
            else if (!quoted && c is '<' or '>') bracketed = c == '<';
            values[^1] += field[i];
        }
        return values;
    }

    /// <summary>The text with everything in quotes, the quotes too, replaced by letters.</summary>
    private static string Hide(string text) => Quoted().Replace(text, match => new string('x', match.Length));

    /// <summary>Quotes stand around whole values and nowhere else.</summary>
    public static bool AreQuotedWell(string parameters) => QuotedWell().IsMatch(parameters);

    private static string? Tag(string parameters)
    {
        string? value = Parameters(parameters)
            .Where(parameter => parameter.Name.Equals("tag", StringComparison.OrdinalIgnoreCase))
            .Select(parameter => parameter.Value)
            .FirstOrDefault();
        return string.IsNullOrEmpty(value) ? null : value;
    }

    private static bool TryPort(Group digits, out int port)
    {
        port = 0;
        if (!digits.Success) return true;
        if (!Decimal().IsMatch(digits.Value)) return false;
        BigInteger value = BigInteger.Parse(digits.Value);
        if (value < 1 || value > 65535) return false;
        port = (int)value;
        return true;
    }

    private static bool IsLiteral(string host)
    {
        if (host.Length > 60) return false;
        string text = Scope().Replace(host[1..^1], match => uint.TryParse(match.Groups[1].Value, out _) ? "" : "%");
        if (text.Contains('%')) return false;
        if (ThreeColons().IsMatch(text)) text = text.Replace(":::", "::");
        // Decimal parts may have leading zeros here; the framework takes such for octal.
        text = Part().Replace(text, match => match.Value.TrimStart('0') is "" ? "0" : match.Value.TrimStart('0'));
        if (!text.Contains(':')) return false;
        return IPAddress.TryParse(text, out _);
    }

    private const string Token = @"[A-Za-z0-9\-.!%*_+`'~]+";

    private const string Lws = @"[ \t\r\n]*";

    [GeneratedRegex(
        @"^sips?:(?:(?<user>[^@]+)@|(?![^@]*@))(?<host>\[[^\]]*\]|[A-Za-z0-9._\-]+)" +
        @"(?::(?<port>[^;?]*))?(?<parameters>;[^?]*)?(?<headers>\?.*)?\z",
        RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex SipUri();

    [GeneratedRegex(@"^tel:([^;]+)(;.*)?\z", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex TelUri();

    [GeneratedRegex(@"[\x00-\x20<>\x7F]")]
    private static partial Regex NeverInUri();

    [GeneratedRegex(
        "^SIP" + Lws + "/" + Lws + Token + Lws + "/" + Lws + "(?<transport>" + Token + @")[ \t\r\n]+" +
        @"(?<host>\[[^\]; \t,\r\n]*\]|[A-Za-z0-9._\-]+)" + Lws +
        "(?::" + Lws + "(?<port>[0-9]+)" + Lws + ")?(?<parameters>;.*)?\\z",
        RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex ViaValue();

    [GeneratedRegex(@"^([0-9]+)[ \t\r\n]+(" + Token + @")\z")]
    private static partial Regex CSeqValue();

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.|\\\\\\z)*(?:\"|\\z)", RegexOptions.Singleline)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"%([0-9]{1,10})\z")]
    private static partial Regex Scope();

    [GeneratedRegex(@"[0-9A-Fa-f]:::[0-9]*[.][0-9.]*\z")]
    private static partial Regex ThreeColons();

    [GeneratedRegex(@"(?<![0-9A-Fa-f])[0-9]{1,3}(?=\.)|(?<=\.)[0-9]{1,3}(?![0-9])")]
    private static partial Regex Part();

    [GeneratedRegex(@"^[0-9]+\z")]
    private static partial Regex Decimal();

    [GeneratedRegex("^(?:;[^;=\"]*(?:=[ \t\r\n]*(?:\"(?:[^\"\\\\]|\\\\.)*\"[ \t\r\n]*|[^\";]*))?)*\\z",
        RegexOptions.Singleline)]
    private static partial Regex QuotedWell();
}
