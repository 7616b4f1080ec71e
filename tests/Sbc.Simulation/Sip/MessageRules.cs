using System.Globalization;

namespace Sbc.Simulation;

/// <summary>What RFC 3261 demands of any message. A strict peer checks all it receives.</summary>
public static class MessageRules
{
    private static readonly string[] ExactlyOnce = ["From", "To", "Call-ID", "CSeq"];
    private static readonly string[] AtMostOnce =
    [
        "Max-Forwards", "Content-Length", "Content-Type", "User-Agent", "Server", "Date", "Expires", "Retry-After",
        "Event", "Subscription-State", "RSeq", "RAck", "Session-Expires", "Min-SE",
    ];

    /// <summary>Adds a sentence for each rule the message breaks.</summary>
    public static void Check(SipMessage message, List<string> problems)
    {
        foreach (string name in ExactlyOnce)
        {
            int count = Count(message, name);
            if (count != 1) problems.Add($"{name} is there {count} times (RFC 3261 8.1.1)");
        }
        foreach (string name in AtMostOnce)
        {
            if (Count(message, name) > 1) problems.Add($"{name} is there more than once");
        }
        CheckCSeq(message, problems);
        CheckVias(message, problems);
        if (message.FromTag.Length == 0) problems.Add("From has no tag (RFC 3261 8.1.1.3)");
        CheckBody(message, problems);
        if (message.IsRequest) CheckRequest(message, problems);
        else CheckResponse(message, problems);
    }

    private static void CheckCSeq(SipMessage message, List<string> problems)
    {
        bool readable = message.TryCSeq(out uint number, out string method);
        if (!readable) problems.Add($"CSeq cannot be read: {message["CSeq"]}");
        else if (number > int.MaxValue) problems.Add("CSeq is 2^31 or more (RFC 3261 8.1.1.5)");
        else if (message.IsRequest && method != message.Method) problems.Add("CSeq names another method");
    }

    private static void CheckVias(SipMessage message, List<string> problems)
    {
        List<string> vias = message.All("Via");
        if (vias.Count == 0) problems.Add("no Via (RFC 3261 8.1.1.7)");
        foreach (string via in vias)
        {
            if (!via.StartsWith("SIP/2.0/", StringComparison.OrdinalIgnoreCase)) problems.Add($"bad Via '{via}'");
            string? branch = HeaderValue.Parameter(via, "branch");
            if (branch == null || branch.Length <= 7 || !branch.StartsWith("z9hG4bK", StringComparison.Ordinal))
            {
                problems.Add("Via branch without the magic cookie (RFC 3261 8.1.1.7)");
            }
            if (HeaderValue.SentBy(via).Length == 0) problems.Add("Via without sent-by");
        }
    }

    private static void CheckBody(SipMessage message, List<string> problems)
    {
        string? length = message["Content-Length"];
        if (length == null) problems.Add("no Content-Length");
        else if (length != message.Body.Length.ToString(CultureInfo.InvariantCulture))
        {
            problems.Add($"Content-Length is {length}, the body has {message.Body.Length} bytes");
        }
        if (message.Body.Length > 0 && message["Content-Type"] == null)
        {
            problems.Add("a body without Content-Type (RFC 3261 7.4.1)");
        }
    }

    private static void CheckRequest(SipMessage request, List<string> problems)
    {
        string? hops = request["Max-Forwards"];
        if (!byte.TryParse(hops, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            problems.Add($"Max-Forwards is '{hops}' (RFC 3261 8.1.1.6)");
        }
        if (!SipUri.TryParse(request.RequestUri, out _)) problems.Add($"bad Request-URI '{request.RequestUri}'");
        // Requests that make a dialog or renew its target (RFC 3261 8.1.1.8, 3311 5.1, 6665 4.1.2.1, 3515 2.4.1).
        if (request.Method is "INVITE" or "UPDATE" or "SUBSCRIBE" or "NOTIFY" or "REFER")
        {
            CheckContact(request, problems);
        }
        if (request.Method == "PRACK" && Count(request, "RAck") != 1) problems.Add("PRACK without one RAck");
        if (request.Method == "NOTIFY" && (Count(request, "Event") != 1 || Count(request, "Subscription-State") != 1))
        {
            problems.Add("NOTIFY without one Event and Subscription-State (RFC 6665 4.2.2)");
        }
        if (request.Method is "ACK" or "CANCEL" && request["Require"] != null)
        {
            problems.Add($"Require in {request.Method} (RFC 3261 8.2.2.3, 9.1)");
        }
    }

    private static void CheckResponse(SipMessage response, List<string> problems)
    {
        if (response.Status != 100 && response.ToTag.Length == 0)
        {
            problems.Add($"no To tag in {response.Status} (RFC 3261 8.2.6.2)");
        }
        bool renews = response.CSeqMethod is "UPDATE" or "SUBSCRIBE" && response.Status is >= 200 and < 300;
        if (renews) CheckContact(response, problems);
        if (response.CSeqMethod != "INVITE" || response.Status is 100 or >= 300) return;
        // RFC 3261 12.1.1: a response that establishes a dialog has a Contact.
        CheckContact(response, problems);
    }

    private static void CheckContact(SipMessage message, List<string> problems)
    {
        List<string> contacts = message.All("Contact", split: true);
        if (contacts.Count != 1)
        {
            problems.Add($"{contacts.Count} Contacts (RFC 3261 8.1.1.8, 12.1.1)");
            return;
        }
        if (!SipUri.TryParse(HeaderValue.Uri(contacts[0]), out _)) problems.Add($"bad Contact '{contacts[0]}'");
    }

    private static int Count(SipMessage message, string name)
    {
        int count = 0;
        foreach (HeaderField field in message.Headers)
        {
            if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) count++;
        }
        return count;
    }
}
