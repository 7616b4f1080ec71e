using System.Globalization;
using System.Security;
using System.Text;

namespace Sbc.Tests.Peers;

/// <summary>
/// One party's part of a flow in SIPp's language: a user agent with one dialog, which names both ends of it, its
/// remote target and its own CSeq as RFC 3261 12 says, and follows nothing but what it was sent.
/// </summary>
public sealed class SippScenario(string name)
{
    private readonly StringBuilder _xml = new();
    private readonly SortedSet<string> _variables = [];

    /// <summary>SIPp counts its messages; a branch is named by the distance to the one that made it.</summary>
    private int _messages;

    private int _cseq;
    private int _inviteCSeq;
    private int _inviteMessage;
    private string _inviteUri = "";
    private string _inviteTo = "";
    private bool _inviteFailed;

    /// <summary>Null until the first message: who sends it is the caller.</summary>
    private bool? _isCaller;

    private string _lastSent = "";
    private string _lastReceived = "";
    private bool _hasDialog;

    /// <summary>Our end in From of what we send, their end in To.</summary>
    private string Local => _isCaller == true
        ? $" \"{name}\" <sip:{name}@[local_ip]:[local_port]>;tag=[pid]{name}[call_number]"
        : $"[$to];tag=[pid]{name}[call_number]";

    private string Remote => _isCaller == true ? "[$to]" : "[$from]";

    public void Pause(int milliseconds) => Element($"<pause milliseconds=\"{milliseconds}\"/>");

    public void SendRequest(string method, string? user, string[] parts)
    {
        _isCaller ??= true;
        string to = _isCaller == false || _hasDialog ? Remote : $" <sip:{user ?? "bob"}@[remote_ip]:[remote_port]>";
        string uri = _isCaller == false || _hasDialog ? "[$target]" : $"sip:{user ?? "bob"}@[remote_ip]:[remote_port]";
        string branch = "[branch]";
        if (method == "CANCEL" || (method == "ACK" && _inviteFailed))
        {
            // Both go the way of their INVITE and share its branch (RFC 3261 9.1, 17.1.1.3).
            uri = _inviteUri;
            branch = $"[branch-{_messages - _inviteMessage}]";
            if (method == "CANCEL") to = _inviteTo;
        }
        if (method is not ("ACK" or "CANCEL")) _cseq++;
        if (method == "INVITE")
        {
            (_inviteCSeq, _inviteMessage, _inviteUri, _inviteTo) = (_cseq, _messages, uri, to);
            _inviteFailed = false;
        }
        Send(method == "ACK" || parts.Contains("@once") ? "" : " retrans=\"500\"", $"""
            {method} {uri} SIP/2.0
            Via: SIP/2.0/UDP [local_ip]:[local_port];branch={branch}
            From:{Local}
            To:{to}
            Call-ID: [call_id]
            CSeq: {(method is "ACK" or "CANCEL" ? _inviteCSeq : _cseq)} {method}
            Max-Forwards: 70
            """, parts, hasContact: method is not ("ACK" or "BYE" or "CANCEL" or "MESSAGE"));
        if (method != "ACK") _lastSent = method;
        if (method == "INVITE") Element("<recv response=\"100\" optional=\"true\"/>");
    }

    public void SendResponse(string status, string? method, string[] parts)
    {
        method ??= _lastReceived;
        bool isToInvite = method == "INVITE";
        string phrase = status[0] switch { '1' => "Progress", '2' => "OK", '3' => "Elsewhere", _ => "No" };
        bool hasContact = status[0] is '1' or '2';
        Send(isToInvite && status[0] != '1' ? " retrans=\"500\"" : "", $"""
            SIP/2.0 {status} {phrase}
            Via:[$via_{method}]
            From:{Remote}
            To:{Local}
            Call-ID: [call_id]
            CSeq:[$cseq_{method}]
            """, parts, hasContact);
        // What is answered within an INVITE's time leaves the INVITE to be answered.
        _lastReceived = "INVITE";
    }

    public void ReceiveRequest(string method, string[] seen)
    {
        bool isFirst = _isCaller is null;
        _isCaller ??= false;
        var actions = new StringBuilder();
        if (method != "ACK")
        {
            Take(actions, "Via", ".*", $"via_{method}");
            Take(actions, "CSeq", ".*", $"cseq_{method}");
            _lastReceived = method;
        }
        if (isFirst)
        {
            Take(actions, "From", ".*", "from");
            Take(actions, "To", ".*", "to");
            Take(actions, "Contact", "sips?:[^> ]*", "target");
        }
        else if (_isCaller == true && !_hasDialog)
        {
            // A request that comes before the response: it makes the dialog (RFC 6665 4.4.1).
            Take(actions, "From", ".*", "to");
            Take(actions, "Contact", "sips?:[^> ]*", "target");
            _hasDialog = true;
        }
        Look(actions, seen);
        Element($"<recv request=\"{method}\">{Wrapped(actions)}</recv>");
    }

    public void ReceiveResponse(string status, string? method, string[] seen)
    {
        method ??= _lastSent;
        var actions = new StringBuilder();
        if (method != "CANCEL" && _isCaller == true)
        {
            Take(actions, "To", ".*", "to");
            if (status[0] is '1' or '2') Take(actions, "Contact", "sips?:[^> ]*", "target");
            _hasDialog = true;
        }
        if (status[0] == '1') Take(actions, "RSeq", "[0-9]+", "rseq");
        Look(actions, seen);
        Element($"<recv response=\"{status}\">{Wrapped(actions)}</recv>");
        if (method != "INVITE") _lastSent = "INVITE";
        else if (status[0] > '2') _inviteFailed = true;
    }

    /// <summary>The whole of it; a callee waits a little at the end, for what is sent to it again.</summary>
    public string ToXml(string title) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <scenario name="{title}">
        {_xml}
        {(_variables.Count > 0 ? $"<Reference variables=\"{string.Join(',', _variables)}\"/>" : "")}
        {(_isCaller == true ? "" : "<timewait milliseconds=\"1000\"/>")}
        </scenario>
        """;

    private void Send(string attributes, string head, string[] parts, bool hasContact)
    {
        var text = new StringBuilder(head).Append('\n');
        if (hasContact) text.Append(CultureInfo.InvariantCulture, $"Contact: <sip:{name}@[local_ip]:[local_port]>\n");
        string body = "";
        foreach (string part in parts)
        {
            if (part == "@once") continue;
            if (!part.StartsWith('@')) text.Append(part).Append('\n');
            else body = Body(part, text);
        }
        text.Append(body == "" ? "Content-Length: 0\n\n" : $"Content-Length: [len]\n\n{body}\n");
        Element($"<send{attributes}><![CDATA[\n{text}]]></send>");
    }

    private static string Body(string part, StringBuilder text)
    {
        string kind = part.Split(' ')[0], rest = part[kind.Length..].Trim();
        (string type, string body) = kind switch
        {
            "@sdp" => ("application/sdp", $"""
                v=0
                o=phone 1 1 IN IP4 [local_ip]
                s=-
                c=IN IP4 [media_ip]
                t=0 0
                m=audio [media_port] RTP/AVP 0
                a=rtpmap:0 PCMU/8000
                a={(rest == "" ? "sendrecv" : rest)}
                """),
            "@frag" => ("message/sipfrag;version=2.0", rest),
            "@text" => ("text/plain", rest),
            _ => throw new FormatException($"no body of a flow: {part}"),
        };
        text.Append(CultureInfo.InvariantCulture, $"Content-Type: {type}\n");
        return body;
    }

    private void Take(StringBuilder actions, string header, string regex, string variable)
    {
        _variables.Add(variable);
        actions.Append(CultureInfo.InvariantCulture,
            $"<ereg regexp=\"{regex}\" search_in=\"hdr\" header=\"{header}:\" assign_to=\"{variable}\"/>");
    }

    private void Look(StringBuilder actions, string[] seen)
    {
        foreach (string regex in seen)
        {
            string variable = $"seen{_variables.Count}";
            _variables.Add(variable);
            bool isAbsent = regex.StartsWith('!');
            actions.Append(CultureInfo.InvariantCulture,
                $"<ereg regexp=\"{SecurityElement.Escape(regex.TrimStart('!').Trim())}\" search_in=\"msg\" "
                + $"{(isAbsent ? "check_it_inverse" : "check_it")}=\"true\" assign_to=\"{variable}\"/>");
        }
    }

    private static string Wrapped(StringBuilder actions) =>
        actions.Length == 0 ? "" : $"<action>{actions}</action>";

    private void Element(string xml)
    {
        _xml.Append(xml).Append('\n');
        _messages++;
    }
}
