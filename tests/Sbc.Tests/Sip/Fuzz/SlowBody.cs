using System.Text.RegularExpressions;
using Sbc.Sip;
using Sbc.Sip.Bodies;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>The oracle of multipart bodies: its parts' header lines and bodies, and what ended them.</summary>
internal sealed partial class SlowBody
{
    public MultipartError Error { get; private set; }

    public List<(string Headers, string Body)> Parts { get; } = [];

    public static SlowBody Parse(string contentType, string body)
    {
        var found = new SlowBody();
        Match type = MultipartType().Match(contentType);
        if (!type.Success || !SlowValues.AreQuotedWell(type.Groups["parameters"].Value))
        {
            found.Error = MultipartError.NotMultipart;
            return found;
        }
        string[] boundaries =
        [
            .. SlowValues.Parameters(type.Groups["parameters"].Value)
                .Where(parameter => parameter.Name.Equals("boundary", StringComparison.OrdinalIgnoreCase))
                .Select(parameter => parameter.Value),
        ];
        Match boundary = Boundary().Match(boundaries.FirstOrDefault() ?? "");
        if (boundaries.Length != 1 || !boundary.Success) found.Error = MultipartError.BadBoundary;
        else found.Split(boundary.Groups["text"].Value, body);
        return found;
    }

    private void Split(string boundary, string body)
    {
        // Every line that is "--", the boundary, perhaps "--", blanks; with what is before it and behind it.
        var delimiter = new Regex(
            "(?<before>^|\n)--" + Regex.Escape(boundary) + "(?<close>--)?[ \t]*(?<end>\r\n|(?=\r|\n)|\\z)");
        Match at = delimiter.Match(body);
        bool isFirst = true;
        while (true)
        {
            if (!at.Success)
            {
                Error = isFirst ? MultipartError.NoParts : Error;
                return;
            }
            if (!IsWhole(at, body))
            {
                Error = MultipartError.BadDelimiter;
                return;
            }
            if (at.Groups["close"].Success)
            {
                if (isFirst) Error = MultipartError.NoParts;
                return;
            }
            isFirst = false;
            if (Parts.Count == SipLimits.BodyPartsMax)
            {
                Error = MultipartError.TooManyParts;
                return;
            }
            int start = at.Index + at.Length;
            // The LF before the next delimiter may be the one that ends this delimiter's line: an empty part.
            Match next = delimiter.Match(body, start - 1);
            if (next.Success && !IsWhole(next, body))
            {
                Error = MultipartError.BadDelimiter;
                return;
            }
            int end = next.Success ? Math.Max(start, next.Index - 1) : body.Length;
            bool isEmpty = next.Success && next.Index == start - 1;
            if (isEmpty || !Add(body[start..end], next.Success))
            {
                Error = MultipartError.BadPartHeader;
                return;
            }
            if (!next.Success) Error = MultipartError.Unending;
            if (!next.Success) return;
            at = next;
        }
    }

    /// <summary>CRLF before it, or nothing; CRLF behind it, or the end of the body behind the last.</summary>
    private static bool IsWhole(Match at, string body)
    {
        bool begins = at.Index == 0 && at.Groups["before"].Value == "" || (at.Index > 0 && body[at.Index - 1] == '\r');
        bool ends = at.Groups["end"].Value == "\r\n" ||
            (at.Groups["close"].Success && at.Index + at.Length == body.Length);
        return begins && ends;
    }

    /// <summary>Header lines, an empty line, a body; the last two may be missing before the next delimiter.</summary>
    private bool Add(string part, bool isDelimited)
    {
        string text = isDelimited ? part + "\r\n" : part;
        int at = 0;
        while (!text[at..].StartsWith("\r\n"))
        {
            int feed = text.IndexOf('\n', at);
            string line = feed < 0 ? "" : text[at..(feed + 1)];
            bool folds = at > 0 && line.Length > 0 && line[0] is ' ' or '\t';
            if (!line.EndsWith("\r\n") || (!folds && line.IndexOf(':') <= 0)) return false;
            at = feed + 1;
        }
        string body = text[(at + 2)..];
        Parts.Add((text[..at], isDelimited && body != "" ? body[..^2] : body));
        return true;
    }

    [GeneratedRegex(
        @"^[ \t\r\n]*multipart[ \t\r\n]*/[ \t\r\n]*[A-Za-z0-9\-.!%*_+`'~]+[ \t\r\n]*(?<parameters>;.*)?\z",
        RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex MultipartType();

    [GeneratedRegex(
        "^(?<quote>\"?)(?<text>[A-Za-z0-9'()+_,\\-./:=? ]{0,69}[A-Za-z0-9'()+_,\\-./:=?])\\k<quote>\\z")]
    private static partial Regex Boundary();
}
