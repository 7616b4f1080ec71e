using Xunit;

namespace Sbc.Tests.Program;

/// <summary>What is wrong with a file, and where: the exact lines that <c>sbc check</c> prints.</summary>
public sealed class ConfigProblemTests : IDisposable
{
    private const string Realm = "realms: {edge: {listen: [udp://192.0.2.10]}}\n";

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("worker: 2", "2:1: error: unknown key \"worker\"; did you mean \"workers\"?")]
    [InlineData("log: {levl: info}", "2:7: error: unknown key \"levl\"; did you mean \"level\"?")]
    [InlineData("workers: 1\nworkers: 2", "3:1: error: the key \"workers\" is already in line 2; write it once")]
    [InlineData("workers: two", "2:10: error: \"two\" is not a number; write auto or a whole number")]
    [InlineData("workers: -1", "2:10: error: \"-1\" is not a number; write auto or a whole number")]
    [InlineData("workers: 99999999999", "2:10: error: 99999999999 is too large")]
    [InlineData("workers: 65", "2:10: error: 65 is out of range; write a number from 1 to 64")]
    [InlineData("workers: [1]", "2:10: error: auto or a whole number belongs here, not a list")]
    [InlineData("timers: 5", "2:9: error: a mapping (key: value) belongs here, not \"5\"")]
    [InlineData("timers: {t1_ms: 0x10}", "2:17: error: \"0x10\" is not a number; write a whole number")]
    [InlineData("log: {level: inf}",
        "2:14: error: \"inf\" is none of debug, info, warning, error; did you mean \"info\"?")]
    [InlineData("emergency: 112", "2:12: error: a list belongs here, such as [a, b], not \"112\"")]
    [InlineData("log: &a {}", "2:6: error: the anchor &a is refused; write the value out where it is needed")]
    [InlineData("log: *a", "2:6: error: the alias *a is refused; write out what it stands for")]
    [InlineData("log: !!map {}", "2:6: error: the tag !!map is refused; a value has the type of its key")]
    [InlineData("log: {<<: {level: info}}", "2:7: error: merge keys (<<) are refused; write out what they stand for")]
    [InlineData("? [a]\n: b", "2:3: error: a key is a word, not a list or a mapping")]
    [InlineData("---\nlog: {}", "2:1: error: a second document is refused; write one configuration in a file")]
    [InlineData("hep: {x: 1}", "2:1: error: hep is not available in this version")]
    [InlineData("\"a\\e[31m\": 1", "2:1: error: unknown key \"a?[31m\"; valid: ")]
    [InlineData("admin: {token: 0123456789abcdef, token_file: x}",
        "2:46: error: token and token_file exclude each other; write one of them")]
    [InlineData("admin: {token_file: nope}", "2:21: error: the secret cannot be read: ")]
    [InlineData("log: \"\\+\"",
        "2:6: error: this is not YAML: while scanning a quoted scalar, found unknown escape character; "
        + "write regular expressions in single quotes: '^\\+49'")]
    [InlineData("log:\n\tlevel: info", "; line 3 is indented with a tab, write spaces")]
    public void A_slip_is_named_with_its_place_and_what_would_be_right(string line, string expected) =>
        Assert.Contains(expected, Assert.Single(_folder.Problems(Realm + line)));

    [Theory]
    [InlineData("realms: {edge: {listen: [udp://[2001:db8::1]:5060]}}",
        "1:32: error: this is not YAML: ", "; write IPv6 listeners in quotes: \"udp://[2001:db8::10]:5060\"")]
    [InlineData("realms:\n  edge:\n    listen:\n      - udp://[2001:db8::1]:5060",
        "4:9: warning: write IPv6 listeners in quotes: ", "\"udp://[2001:db8::1]:5060\"")]
    public void An_unquoted_IPv6_listener_is_hinted_at(string text, string start, string end)
    {
        string problem = Assert.Single(_folder.Problems(text));
        Assert.StartsWith(start, problem);
        Assert.EndsWith(end, problem);
    }

    [Theory]
    [InlineData("request_user: \"^49\"", true)]
    [InlineData("request_user: '^\\+49'", false)]
    [InlineData("header: {X-Plan: \"^gold$\"}", true)]
    public void A_regular_expression_in_double_quotes_is_hinted_at(string match, bool hinted) =>
        Assert.Equal(hinted, _folder.Problems(
            $"{Realm}routes: [{{from: edge, to: {{reject: 403}}, match: {{{match}}}}}]").Any(p =>
                p.Contains("single quotes")));

    [Fact]
    public void All_problems_are_reported_in_the_order_of_the_file()
    {
        IReadOnlyList<string> problems = _folder.Problems("""
            realms:
              edge:
                trust: off
                listen: [udp://0.0.0.0, udp://eth9]
                media: {address: 192.0.2.10, ports: 20001-20100, dscp: high}
            peers:
              edge: {realm: egde, uri: "sip:proxy.example.net"}
            routes:
              - {name: in, from: edge, to: frm}
              - from: edge
            wrong: true
            """);
        Assert.Equal(
            ["3:12", "4:14", "4:29", "5:41", "5:60", "7:3", "7:17", "9:32", "10:5", "10:11", "11:1"],
            problems.Select(p => p[..p.IndexOf(": ", StringComparison.Ordinal)]));
    }

    [Fact]
    public void A_value_that_cannot_be_read_is_not_reported_as_missing_too()
    {
        Assert.Single(_folder.Problems("realms: {edge: {listen: [here]}}"));
        Assert.Single(_folder.Problems("realms: here"));
        Assert.Single(_folder.Problems(Realm + "peers: {a: {realm: edge, uri: there}}"));
        Assert.Single(_folder.Problems(Realm + "routes: [{from: edge, to: {reject: never}}]"));
    }

    [Fact]
    public void Nesting_without_end_is_refused_and_not_followed()
    {
        Assert.Contains("more than 32 levels deep", Assert.Single(_folder.Problems("a: " + new string('[', 100_000))));
        Assert.Contains("more than 32 levels deep", Assert.Single(_folder.Problems("a: " + string.Concat(
            Enumerable.Repeat("{a: ", 1000)))));
    }

    /// <summary>Whatever an editor or a broken disk leaves in the file ends in problems, never in an
    /// exception.</summary>
    [Fact]
    public void A_damaged_file_never_throws()
    {
        string sample = File.ReadAllText(SampleFiles.Paths().Single(path => path.EndsWith("nat-one-to-one.yaml")));
        const string Noise = "{}[]:,-&*!|>'\"%@`#?\n\t \\<~\0é";
        var random = new Random(20250101);
        for (int round = 0; round < 500; round++)
        {
            char[] text = sample.ToCharArray();
            for (int hits = random.Next(1, 6); hits > 0; hits--)
                text[random.Next(text.Length)] = Noise[random.Next(Noise.Length)];
            string damaged = new string(text)[..random.Next(text.Length)];
            var load = _folder.Load(damaged);
            Assert.True(load.Config is not null || load.Problems.Count > 0);
        }
    }
}
