using Sbc.Engine.Pipeline;
using Sbc.Sip.Message;
using Sbc.Tests.Sip.Fuzz;

namespace Sbc.Tests.Sip.Torture;

/// <summary>
/// What left the box for a message that came in, read by the slow parser: whether the fields are those that a B2BUA
/// sends.
/// </summary>
internal static class ForwardedMessage
{
    private const string Ours = "10.0.0.10";

    // As they came, whatever is in them: they are for the one behind the box.
    private static readonly HeaderName[] Verbatim =
    [
        HeaderName.Subject, HeaderName.Date, HeaderName.ContentType, HeaderName.ContentEncoding,
        HeaderName.ContentDisposition, HeaderName.Authorization, HeaderName.Expires, HeaderName.Event,
        HeaderName.Identity, HeaderName.MimeVersion, HeaderName.Organization,
    ];

    private static readonly HeaderName[] Once =
    [
        HeaderName.Via, HeaderName.From, HeaderName.To, HeaderName.CallId, HeaderName.CSeq, HeaderName.MaxForwards,
        HeaderName.ContentLength,
    ];

    public static IEnumerable<string> Faults(byte[] received, byte[] forwarded, string torture)
    {
        SlowMessage before = SlowMessage.Parse(received), after = SlowMessage.Parse(forwarded);
        if (after.Error != ParseError.None) yield return $"it does not parse: {after.Error}";
        foreach (HeaderName name in Once.Where(name => after.Values(name).Count() != 1)) yield return $"not one {name}";
        if (Sanity.Check(Indexed(forwarded), torture == "valid") != 0) yield return "it would be refused";
        if (after.Method != before.Method) yield return $"the method became {after.Method}";
        if (after.Uri != before.Uri) yield return $"the Request-URI became {after.Uri}";
        if (SlowValues.CSeq(after.Values(HeaderName.CSeq).First())?.Method != after.Method) yield return "CSeq differs";
        if (Hops(after) != Math.Min(Hops(before) ?? 71, 255) - 1) yield return $"Max-Forwards became {Hops(after)}";
        foreach (string fault in Parties(before, after).Concat(Passed(before, after)).Concat(Body(before, after)))
            yield return fault;
    }

    private static IEnumerable<string> Parties(SlowMessage before, SlowMessage after)
    {
        foreach (HeaderName name in new[] { HeaderName.From, HeaderName.To })
        {
            SlowAddress came = SlowValues.NameAddress(before.Values(name).First())!;
            SlowAddress left = SlowValues.NameAddress(after.Values(name).First())!;
            if (left.Display != came.Display) yield return $"the display name of {name} became {left.Display}";
            string expected = SlowValues.Uri(came.Uri) is { } uri && uri.Host.Any(char.IsAsciiDigit)
                ? came.Uri.Replace(uri.Host, Ours) : came.Uri;
            if (left.Uri != expected) yield return $"the URI of {name} became {left.Uri}";
            if (came.Tag != null && left.Tag == came.Tag) yield return $"the tag of {name} crosses";
        }
        if (SlowValues.NameAddress(after.Values(HeaderName.From).First())!.Tag is null) yield return "no From tag";
        if (after.Values(HeaderName.CallId).First() == before.Values(HeaderName.CallId).First())
            yield return "the Call-ID crosses";
        string via = after.Values(HeaderName.Via).First();
        if (SlowValues.Via(via) is not { Host: Ours, Branch: ['z', '9', 'h', 'G', '4', 'b', 'K', _, ..] })
            yield return $"Via: {via}";
    }

    private static IEnumerable<string> Passed(SlowMessage before, SlowMessage after)
    {
        foreach ((HeaderName name, string text, string value, _) in before.Fields)
        {
            if (name != HeaderName.Other && !Verbatim.Contains(name)) continue;
            if (!after.Fields.Any(field => field.NameText == text && field.Value == value))
                yield return $"{text} is not as it was";
        }
        int others = before.Values(HeaderName.Other).Count();
        if (after.Values(HeaderName.Other).Count() != others) yield return "fields came out of nothing";
    }

    private static IEnumerable<string> Body(SlowMessage before, SlowMessage after)
    {
        if (!before.Values(HeaderName.ContentType).Any(type => type.StartsWith("application/sdp")))
        {
            if (after.Body != before.Body) yield return "the body is not as it was";
            yield break;
        }
        if (after.Values(HeaderName.ContentLength).First() != $"{after.Body.Length}") yield return "a wrong length";
        string[] came = before.Body.Split("\r\n"), left = after.Body.Split("\r\n");
        if (came.Length != left.Length) yield return "lines of the SDP came or went";
        foreach ((string was, string became) in came.Zip(left))
        {
            string expected = was.Split('=')[0] switch
            {
                "c" => $"c=IN IP4 {Ours}",
                "o" or "m" => became,
                _ => was,
            };
            if (became != expected) yield return $"{was} became {became}";
            if (was.StartsWith("o=") && !became.EndsWith($" IN IP4 {Ours}")) yield return became;
            if (was.StartsWith("m=") && Without(was, 1) != Without(became, 1)) yield return $"{was} became {became}";
        }
    }

    private static string Without(string line, int field) =>
        string.Join(' ', line.Split(' ').Where((_, index) => index != field));

    private static int? Hops(SlowMessage message) =>
        message.Values(HeaderName.MaxForwards).FirstOrDefault() is { } value ? int.Parse(value) : null;

    private static SipMessage Indexed(byte[] bytes)
    {
        var message = new SipMessage();
        message.Parse(bytes, 0, bytes.Length);
        return message;
    }
}
