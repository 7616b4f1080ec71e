using System.Text;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Program.Configuration;
using Sbc.Sip.Message;
using Sbc.Tests.Engine.Config;
using Sbc.Tests.Program;
using Xunit;

namespace Sbc.Tests.Engine.Routing;

/// <summary>Which rule a request takes.</summary>
public sealed class RouteTableTests : IDisposable
{
    private const int Monday9 = 9 * 60, Sunday23 = (6 * 1440) + (23 * 60);

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{method: [MESSAGE, SUBSCRIBE]}", "MESSAGE", "sip:1@h", true)]
    [InlineData("{method: [MESSAGE, SUBSCRIBE]}", "INVITE", "sip:1@h", false)]
    [InlineData("{method: INVITE}", "CANCEL", "sip:1@h", true)]
    [InlineData("{method: INVITE}", "ACK", "sip:1@h", true)]
    [InlineData(@"{request_user: '^\+49'}", "INVITE", "sip:+4930@h", true)]
    [InlineData(@"{request_user: '^\+49'}", "INVITE", "sip:0049@h", false)]
    [InlineData(@"{request_user: '^\+49'}", "INVITE", "tel:+4930", true)]
    [InlineData(@"{request_user: '^1'}", "INVITE", "sip:1:secret@h", true)]
    [InlineData(@"{request_uri: 'example\.net$'}", "INVITE", "sip:a@example.net", true)]
    [InlineData(@"{request_uri: 'example\.net$'}", "INVITE", "sip:a@example.org", false)]
    [InlineData("{from: '^sip:alice@'}", "INVITE", "sip:1@h", true)]
    [InlineData("{from: '^sip:bob@'}", "INVITE", "sip:1@h", false)]
    [InlineData("{to: '^sip:bob@'}", "INVITE", "sip:1@h", true)]
    [InlineData("{header: {X-Plan: '^gold$'}}", "INVITE", "sip:1@h", true)]
    [InlineData("{header: {x-plan: '^silver$'}}", "INVITE", "sip:1@h", true)]
    [InlineData("{header: {X-Plan: '^lead$'}}", "INVITE", "sip:1@h", false)]
    [InlineData("{header: {Subject: 'a b'}}", "INVITE", "sip:1@h", true)]
    [InlineData("{source: [203.0.113.0/24]}", "INVITE", "sip:1@h", true)]
    [InlineData("{source: [198.51.100.0/24]}", "INVITE", "sip:1@h", false)]
    [InlineData("{time: ['mon-fri 08:00-18:00']}", "INVITE", "sip:1@h", true)]
    [InlineData("{time: ['sat', 'sun 00:00-22:00']}", "INVITE", "sip:1@h", false)]
    [InlineData("{method: INVITE, request_user: '^1', header: {X-Plan: gold}}", "INVITE", "sip:1@h", true)]
    [InlineData("{method: INVITE, request_user: '^1', header: {X-Plan: lead}}", "INVITE", "sip:1@h", false)]
    public void All_that_is_given_must_hold(string match, string method, string uri, bool holds)
    {
        Snapshot snapshot = Build($"  - {{name: wanted, from: edge, match: {match}, to: farm}}");
        Assert.Equal(holds ? "wanted" : null, Match(snapshot, method, uri, Monday9));
    }

    [Theory]
    [InlineData("mon-fri 08:00-18:00", Monday9, true)]
    [InlineData("mon-fri 08:00-18:00", Sunday23, false)]
    [InlineData("sun 22:00-06:00", 60, true)]
    [InlineData("sat-mon", Monday9, true)]
    [InlineData("tue", Monday9, false)]
    public void Hours_go_over_midnight_and_over_the_weekend(string time, int minute, bool holds)
    {
        Snapshot snapshot = Build($"  - {{name: wanted, from: edge, match: {{time: '{time}'}}, to: farm}}");
        Assert.Equal(holds, Match(snapshot, "INVITE", "sip:1@h", minute) is not null);
    }

    [Fact]
    public void The_first_rule_that_matches_wins_in_a_list_of_a_thousand_as_in_one_of_three()
    {
        var rules = new StringBuilder("  - {name: before, from: edge, match: {header: {X-Plan: lead}}, to: farm}\n");
        for (int i = 0; i < 1000; i++)
            rules.Append($"  - {{name: r{i}, from: edge, match: {{request_user: '^49{i}[0-9]*$'}}, to: farm}}\n");
        rules.Append("  - {name: vowel, from: edge, match: {request_user: '[aeiou]'}, to: farm}\n");
        rules.Append("  - {name: rest, from: edge, to: farm}\n");
        Snapshot snapshot = Build(rules.ToString());
        Assert.Equal("r1", Match(snapshot, "INVITE", "sip:491@h"));
        Assert.Equal("r1", Match(snapshot, "INVITE", "sip:49123@h"));
        // Of those that can match it, the first in the file.
        Assert.Equal("r9", Match(snapshot, "INVITE", "sip:49999@h"));
        Assert.Equal("vowel", Match(snapshot, "INVITE", "sip:4912a@h"));
        Assert.Equal("rest", Match(snapshot, "INVITE", "sip:5@h"));
        Assert.Equal("rest", Match(snapshot, "INVITE", "tel:5"));
    }

    [Fact]
    public void Rules_of_a_peer_stand_among_those_of_its_realm_in_the_order_of_the_file()
    {
        Snapshot snapshot = Build("""
              - {name: first, from: core, match: {request_user: '^1'}, to: farm}
              - {name: of-peer, from: proxy, to: farm}
              - {name: last, from: core, to: farm}
            """);
        Assert.Equal("first", Match(snapshot, "INVITE", "sip:1@h", from: "10.0.0.21", realm: 1));
        Assert.Equal("of-peer", Match(snapshot, "INVITE", "sip:2@h", from: "10.0.0.21", realm: 1));
        Assert.Equal("last", Match(snapshot, "INVITE", "sip:2@h", from: "10.0.0.99", realm: 1));
    }

    [Fact]
    public void A_number_table_says_the_target_and_what_it_does_not_know_goes_on()
    {
        _folder.Write("numbers.csv", "# plan\n49,farm\n4930,proxy\n\"4940\",\"reserve\"\n");
        Snapshot snapshot = Build("""
              - {name: numbers, from: edge, to: {table: plan}}
              - {name: rest, from: edge, to: farm}
            """, "tables: {plan: {file: numbers.csv}}");
        Assert.Equal("numbers:proxy", Match(snapshot, "INVITE", "sip:49301@h"));
        Assert.Equal("numbers:farm", Match(snapshot, "INVITE", "sip:4989@h"));
        Assert.Equal("numbers:reserve", Match(snapshot, "INVITE", "sip:4940@h"));
        Assert.Equal("rest", Match(snapshot, "INVITE", "sip:33@h"));
        Route route = Route(snapshot, "INVITE", "sip:49301@h")!;
        Assert.Equal("proxy", Assert.Single(route.Groups).Name);
        Assert.Same(route, snapshot.RouteById(route.Id));
    }

    [Fact]
    public void A_table_is_a_condition_too()
    {
        _folder.Write("numbers.csv", "0800,free\n0900,premium\n");
        Snapshot snapshot = Build("""
              - {name: premium, from: edge, match: {table: {name: kinds, value: premium}}, to: {reject: 403}}
              - {name: any, from: edge, match: {table: kinds}, to: farm}
            """, "tables: {kinds: {file: numbers.csv}}");
        Assert.Equal("premium", Match(snapshot, "INVITE", "sip:0900123@h"));
        Assert.Equal("any", Match(snapshot, "INVITE", "sip:0800123@h"));
        Assert.Null(Match(snapshot, "INVITE", "sip:030@h"));
    }

    [Fact]
    public async Task Readers_see_one_snapshot_or_the_other_while_a_publisher_replaces_them()
    {
        const int Readers = 3;
        string[] names = ["even", "odd"];
        Sbc.Engine.Config.SbcConfig[] configs = [.. names.Select(name =>
            Load($"  - {{name: {name}, from: edge, match: {{request_user: '^4[0-9]+$'}}, to: farm}}").Config!)];
        var builder = new SnapshotBuilder(Readers);
        Sbc.Runtime.TransportAddress[] bound =
            [FixedFacts.Address("192.0.2.10", 5060), FixedFacts.Address("10.0.0.10", 5060)];
        var cell = new Sbc.Runtime.SnapshotCell<Snapshot>(builder.Build(configs[1], bound));
        bool stop = false;
        Task<long>[] readers = [.. Enumerable.Range(0, Readers).Select(worker => Task.Run(() =>
        {
            long asked = 0;
            for (; !Volatile.Read(ref stop) || asked < 1000; asked++)
            {
                Snapshot snapshot = cell.Current;
                Route route = Route(snapshot, "INVITE", "sip:491234@h", worker: worker)!;
                Assert.Equal(names[snapshot.Generation % 2], route.Name);
            }
            return asked;
        }))];
        for (int i = 0; i < 200; i++) cell.Publish(builder.Build(configs[i % 2], bound));
        Volatile.Write(ref stop, true);
        Assert.All(await Task.WhenAll(readers), asked => Assert.True(asked >= 1000));
    }

    [Theory]
    [InlineData("49,farm\n4930\n", "numbers.csv:2:1: error: a line is PREFIX,VALUE; the comma is missing")]
    [InlineData("49,farm\n,farm\n", "numbers.csv:2:1: error: the prefix is missing")]
    [InlineData("49,\n", "numbers.csv:1:4: error: the value is missing")]
    [InlineData("4 9,farm\n", "numbers.csv:1:2: error: a prefix is written without blanks")]
    [InlineData("49,farm,2\n", "numbers.csv:1:4: error: a line is PREFIX,VALUE; there is a second comma")]
    [InlineData("49,farm\n50,farm\n49,farm\n", "numbers.csv:3:1: error: the prefix is already in the table")]
    [InlineData("49,farm\n50,fram\n", "numbers.csv:2: there is no peer or group \"fram\"; did you mean \"farm\"?")]
    public void A_broken_table_is_refused_with_its_own_line(string csv, string problem)
    {
        _folder.Write("numbers.csv", csv);
        ConfigLoad load = Load(
            "  - {name: numbers, from: edge, to: {table: plan}}", "tables: {plan: {file: numbers.csv}}");
        Assert.Contains(problem, Assert.Single(load.Problems).ToString());
        Assert.Null(load.Config);
    }

    [Theory]
    [InlineData("match: {request_user: '('}", "this is no regular expression")]
    [InlineData(@"match: {request_user: '(a)\1'}", "this expression needs backtracking")]
    [InlineData("match: {method: [CALL]}", "\"CALL\" is no method")]
    [InlineData("match: {time: ['someday']}", "is no time of the week")]
    [InlineData("match: {table: nope}", "there is no table \"nope\"")]
    [InlineData("match: {header: {'X Y': a}}", "is no name of a header field")]
    [InlineData("rewrite: {to_target: [{set: Via, value: x}]}", "cannot be rewritten")]
    [InlineData("rewrite: {to_target: [{replace: request_user, match: '[', with: x}]}", "no regular expression")]
    [InlineData("rewrite: {to_caller: [{set: request_user, value: x}]}", "is of requests to the target")]
    [InlineData("rewrite: {to_target: [{set: X-A}]}", "set needs value")]
    [InlineData("rewrite: {to_target: [{frob: X-A}]}", "unknown key")]
    [InlineData("rewrite: {to_target: [{set: X-A, value: \"a\\nb\"}]}", "a value is one line")]
    [InlineData("rewrite: {status: {404: 200}}", "200 is out of range")]
    [InlineData("rewrite: {to_target: [{set: X-A, value: b}]}, mode: forward", "rewrite is not for mode: forward")]
    public void Broken_rules_are_refused(string keys, string problem)
    {
        ConfigLoad load = Load($"  - {{name: r, from: edge, to: farm, {keys}}}");
        Assert.Contains(load.Problems, found => found.ToString().Contains(problem, StringComparison.Ordinal));
        Assert.Null(load.Config);
    }

    [Theory]
    [InlineData(@"^\+49", "+49")]
    [InlineData("^49[0-9]", "49")]
    [InlineData("^491*", "49")]
    [InlineData("^491?2", "49")]
    [InlineData("^491+2", "491")]
    [InlineData("^49{2}", "4")]
    [InlineData("^1|2", "")]
    [InlineData("49", "")]
    [InlineData(@"^\d49", "")]
    [InlineData("^(?i)a", "")]
    [InlineData("^alice$", "alice")]
    public void What_an_expression_begins_with_is_known_or_nothing(string pattern, string start) =>
        Assert.Equal(start, BytePattern.LiteralStart(pattern));

    private ConfigLoad Load(string routes, string rest = "") => _folder.Load($$"""
        realms:
          edge: {listen: [udp://192.0.2.10:5060]}
          core: {trust: trusted, listen: [udp://10.0.0.10:5060]}
        peers:
          proxy: {realm: core, uri: "sip:10.0.0.21:5060"}
        groups:
          farm: {peers: [proxy], balance: call_id_hash}
          reserve: {peers: [proxy], balance: call_id_hash}
        {{rest}}
        routes:
        {{routes}}
        """);

    private Snapshot Build(string routes, string rest = "")
    {
        ConfigLoad load = Load(routes, rest);
        Assert.True(load.Config is not null, string.Join('\n', load.Problems));
        return new SnapshotBuilder().Build(
            load.Config, [FixedFacts.Address("192.0.2.10", 5060), FixedFacts.Address("10.0.0.10", 5060)]);
    }

    private static string? Match(
        Snapshot snapshot, string method, string uri, int minute = 0, string from = "203.0.113.7", int realm = 0) =>
        Route(snapshot, method, uri, minute, from, realm)?.Name;

    private static Route? Route(
        Snapshot snapshot, string method, string uri, int minute = 0, string from = "203.0.113.7", int realm = 0,
        int worker = 0)
    {
        byte[] bytes = Encoding.ASCII.GetBytes($"{method} {uri} SIP/2.0\r\nFrom: \"A\" <sip:alice@h>;tag=1\r\n" +
            "To: <sip:bob@h>\r\nX-Plan: gold\r\nX-Plan: silver\r\ns: a b\r\n\r\n");
        var request = new SipMessage();
        Assert.Equal(ParseError.None, request.Parse(bytes, 0, bytes.Length));
        var source = FixedFacts.Address(from, 5060);
        var origin = new Origin(source, realm, snapshot.Realms[realm], snapshot.PeerLookup.Find(realm, source));
        return snapshot.Tables[worker].Match(request, origin, request.RequestUri, minute);
    }
}
