using System.Xml.Linq;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>Whoever subscribes to the registrations of bob, and the documents that they get.</summary>
public abstract class RegEventLadder(string registrar = "", string edge = "nat: auto")
    : RegisterLadder(registrar, edge)
{
    protected static readonly XNamespace Info = "urn:ietf:params:xml:ns:reginfo";
    protected static readonly XNamespace Gruu = "urn:ietf:params:xml:ns:gruuinfo";

    private int _requests;

    protected void SubscribeAsUser(string lines, string @event = "reg")
    {
        Challenge("bob", "mallory");
        string credentials = Credentials("bob", "builder", "example.net", "SUBSCRIBE", 1);
        Subscribe("mallory", "box", "sip:bob@example.net", "<sip:bob@example.net>",
            $"{lines}\nAuthorization: {credentials}", "S1", @event: @event);
        Challenge("bob", "nated");
    }

    protected void Subscribe(
        string host, string peer, string uri, string from, string lines, string label, string contact = "",
        string @event = "reg")
    {
        if (contact.Length == 0) contact = $"<sip:bob@{{{host}}}>";
        Ladder.Run($$"""
            {{host}} -> {{peer}}: {{label}} SUBSCRIBE
              SUBSCRIBE {{uri}} SIP/2.0
              Via: SIP/2.0/UDP {{{host}}};rport;branch=z9hG4bKs{{++_requests}}
              Max-Forwards: 70
              From: {{from}};tag=s{{_requests}}
              To: <{{uri}}>
              Call-ID: subscription{{_requests}}
              CSeq: 1 SUBSCRIBE
              Contact: {{contact}}
              Event: {{@event}}
              Accept: application/reginfo+xml
            {{string.Join('\n', lines.Split('\n').Select(line => "  " + line))}}
            """);
    }

    protected void Refresh(string lines, string label) => InDialog("SUBSCRIBE", $"Event: reg\n{lines}", label);

    protected void InDialog(string method, string lines, string label) => Ladder.Run($$"""
        mallory -> box: {{label}} {{method}}
          {{method}} {S1R.ContactUri} SIP/2.0
          Via: SIP/2.0/UDP {mallory};rport;branch=z9hG4bKs{{++_requests}}
          Max-Forwards: 70
          From: {S1R.From}
          To: {S1R.To}
          Call-ID: {S1R.Call_ID}
          CSeq: {{_requests + 10}} {{method}}
          Contact: <sip:bob@{mallory}>
        {{string.Join('\n', lines.Split('\n').Where(line => line.Length > 0).Select(line => "  " + line))}}
        """);

    /// <summary>The document of the next NOTIFY, which is answered.</summary>
    protected XElement Notified(string label, string state, string host = "mallory", string peer = "box")
    {
        Ladder.Run(Expect(host, peer, label, "NOTIFY *",
            $"Event: reg\nSubscription-State: {state}\nContent-Type: application/reginfo+xml"));
        Ladder.Run(Response(host, peer, label, "200 OK", $"{label}R"));
        return XDocument.Parse(Ladder.BodyOf(label)).Root!;
    }

    protected static void AssertState(XElement document, int version, string state, params string[] contacts)
    {
        Assert.Equal(Info + "reginfo", document.Name);
        Assert.Equal("full", document.Attribute("state")!.Value);
        Assert.Equal($"{version}", document.Attribute("version")!.Value);
        XElement registration = document.Elements(Info + "registration").Single();
        Assert.Equal("sip:bob@example.net", registration.Attribute("aor")!.Value);
        Assert.Equal(state, registration.Attribute("state")!.Value);
        Assert.Equal(contacts, registration.Elements(Info + "contact").Select(contact =>
            $"{contact.Element(Info + "uri")!.Value} {contact.Attribute("state")!.Value} " +
            contact.Attribute("event")!.Value));
    }
}
