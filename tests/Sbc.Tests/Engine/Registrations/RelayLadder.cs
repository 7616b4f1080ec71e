using System.Globalization;
using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Sbc.Tests.Engine.Calls;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>A box in front of the registrar of example.net, which the ladder's proxies play.</summary>
public abstract class RelayLadder(string registrar = "", string farm = CallLadder.OneProxy) : CallLadder(
    farm: farm, edge: "limits: {registrations_per_second_per_source: 100000}", rest: Rest + registrar)
{
    private const string Rest = """
        registrar:
          mode: relay
          to: farm
          domains: [example.net, example.org]
        """ + "\n  ";

    protected const string Contact = "Contact: <sip:alice@{alice}>";

    private int _sequence;

    /// <summary>A REGISTER of a phone.</summary>
    protected string Register(
        string lines, string host = "alice", string user = "alice", string call = "reg", string label = "R",
        string domain = "example.net") => $$"""
        {{host}} -> box: {{label}} REGISTER
          REGISTER sip:{{domain}} SIP/2.0
          Via: SIP/2.0/UDP {{{host}}};rport;branch=z9hG4bKr{{++_sequence}}
          Max-Forwards: 70
          From: <sip:{{user}}@{{domain}}>;tag=r{{_sequence}}
          To: <sip:{{user}}@{{domain}}>
          Call-ID: {{call}}-{{host}}
          CSeq: {{_sequence}} REGISTER
          User-Agent: phone
        {{Below(lines)}}
        """;

    /// <summary>The phone registers and the registrar takes it: {id} is the user of the Contact there.</summary>
    protected void Registers(
        string lines = Contact, string host = "alice", string call = "reg", string granted = "3600",
        string more = "", string expected = "")
    {
        Ladder.Run(Register(lines, host, call: call));
        Ladder.Run(Expect("proxy", "core", "P", "REGISTER sip:example.net SIP/2.0",
            "Contact: <sip:{id}@{core}>;expires=3600*"));
        Ladder.Run(Response("proxy", "core", "P", "200 OK", "Q", "{+tag}",
            $"Contact: <sip:{{id}}@{{core}}>;expires={granted}\n{more}"));
        Ladder.Run(Expect(host, "box", "A", "SIP/2.0 200 OK", expected));
    }

    /// <summary>The phone registers and is answered here.</summary>
    protected void IsAnsweredHere(
        string lines = Contact, string host = "alice", string call = "reg", string expected = "")
    {
        long before = Count(RegistrationResult.Answered);
        Ladder.Run(Register(lines, host, call: call));
        Ladder.Run(Expect(host, "box", "A", "SIP/2.0 200 OK", expected));
        Assert.Equal(before + 1, Count(RegistrationResult.Answered));
        Ladder.ExpectNothingMore();
    }

    protected long Count(RegistrationResult result) =>
        Box.Workers.Signalling.Sum(worker => worker.Counters.Registrations(result));

    protected long Bindings => Box.Workers.Locations.Count;

    /// <summary>Seconds in the Contact of what was received under that label.</summary>
    protected int Expires(string label = "A")
    {
        string contact = Ladder.Value($"{label}.Contact");
        string text = contact[(contact.IndexOf("expires=", StringComparison.Ordinal) + 8)..];
        return int.Parse(text.Split(';')[0], CultureInfo.InvariantCulture);
    }

    protected ContactId Id
    {
        get
        {
            Assert.True(ContactId.TryRead(System.Text.Encoding.ASCII.GetBytes(Ladder.Value("id")), out ContactId id));
            return id;
        }
    }

    protected void AssertGone()
    {
        Assert.Equal(0, Bindings);
        AssertEmpty();
        Assert.All(Box.Workers.Signalling, worker => Assert.Equal(0, worker.Parts.Relay.Count));
        for (int i = 0; i < Box.Workers.Locations.Workers; i++)
            Assert.Equal(0, Box.Workers.Locations.Shard(i).Blocks);
    }

    private static string Below(string lines) => string.Join(
        '\n', lines.Split('\n').Where(line => line.Trim().Length > 0).Select(line => "  " + line.Trim()));
}
