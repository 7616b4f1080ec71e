using System.Diagnostics;
using System.Text;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Tests.Sip.Corpus;
using Sbc.Tests.Sip.Message;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>The fast parser against a slow and obvious one: the same verdict and values, whatever the bytes.</summary>
public sealed class OracleTests(ITestOutputHelper log)
{
    private static readonly HeaderName[] Addresses =
        [HeaderName.From, HeaderName.To, HeaderName.Contact, HeaderName.Route, HeaderName.RecordRoute];

    private readonly SipMessage _fast = new();
    private byte[] _bytes = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Both_parsers_read_mutants_alike(ulong seed) =>
        Run(new Mutator(seed, Seeds()), 10_000, TimeSpan.MaxValue, seed);

    /// <summary>As long as wanted: SBC_FUZZ_SECONDS, 60 without it; the seed is new each time and printed.</summary>
    [Fact]
    [Trait("tier", "long")]
    public void Both_parsers_read_mutants_alike_for_as_long_as_wanted()
    {
        ulong seed = (ulong)Stopwatch.GetTimestamp();
        log.WriteLine($"seed {seed}");
        string seconds = Environment.GetEnvironmentVariable("SBC_FUZZ_SECONDS") ?? "60";
        Run(new Mutator(seed, Seeds()), int.MaxValue, TimeSpan.FromSeconds(double.Parse(seconds)), seed);
    }

    [Fact]
    public void Both_parsers_read_every_message_of_the_corpus_alike()
    {
        if (CorpusFolder.Find("messages") is not { } folder)
        {
            log.WriteLine(CorpusFolder.Absent("messages"));
            return;
        }
        var verdicts = new SortedDictionary<ParseError, int>();
        foreach ((string name, byte[] bytes) in CorpusFolder.Messages(folder))
        {
            ParseError error = Compare(bytes, name);
            verdicts[error] = verdicts.GetValueOrDefault(error) + 1;
            if (error is not (ParseError.None or ParseError.BadContentLength)) log.WriteLine($"{name}: {error}");
        }
        log.WriteLine(string.Join(", ", verdicts.Select(entry => $"{entry.Key} {entry.Value}")));
        Assert.True(verdicts[ParseError.None] > 700, "real messages are refused");
    }

    private void Run(Mutator mutator, int count, TimeSpan time, ulong seed)
    {
        long start = Stopwatch.GetTimestamp();
        int whole = 0, done = 0;
        while (done < count && Stopwatch.GetElapsedTime(start) < time)
        {
            if (Compare(mutator.Next(), $"seed {seed}, mutant {done}") == ParseError.None) whole++;
            done++;
        }
        log.WriteLine($"{done} mutants, {whole} without an error");
        Assert.True(whole > done / 20, $"only {whole} of {done} mutants parse: the mutator tests nothing");
    }

    private static List<byte[]> Seeds()
    {
        List<byte[]> seeds = [SipSamples.Invite, .. FuzzSeeds.All];
        foreach (string name in new[] { "messages", "torture/rfc4475", "torture/rfc5118" })
        {
            if (CorpusFolder.Find(name) is not { } folder) continue;
            seeds.AddRange(name == "messages"
                ? CorpusFolder.Messages(folder).Select(message => message.Bytes)
                : Directory.EnumerateFiles(folder, "*.dat").Order(StringComparer.Ordinal).Select(File.ReadAllBytes));
        }
        return seeds;
    }

    private ParseError Compare(byte[] bytes, string name)
    {
        _bytes = bytes;
        try
        {
            SlowMessage slow = SlowMessage.Parse(bytes);
            // Other bytes stand around the message, and an index out of it would read them.
            byte[] array = new byte[bytes.Length + 40];
            array.AsSpan().Fill((byte)'#');
            bytes.CopyTo(array, 17);
            ParseError error = _fast.Parse(array, 17, bytes.Length);
            Assert.Equal(slow.Error, error);
            CompareLines(slow);
            if (slow.Uri != "") CompareUri(slow.Uri);
            foreach (string via in slow.Values(HeaderName.Via)) CompareVia(via);
            foreach (string cseq in slow.Values(HeaderName.CSeq)) CompareCSeq(cseq);
            foreach (HeaderName header in Addresses) CompareAddresses(slow, header);
            return error;
        }
        catch (Exception failure)
        {
            throw new Xunit.Sdk.XunitException($"{name}: {failure.Message}\n{Text(_bytes)}\n{failure.StackTrace}");
        }
    }

    private void CompareLines(SlowMessage slow)
    {
        Assert.Equal(slow.Method, Text(_fast.MethodToken));
        Assert.Equal(slow.Uri, Text(_fast.RequestUri));
        Assert.Equal(slow.Status, _fast.StatusCode);
        Assert.Equal(slow.Phrase, Text(_fast.ReasonPhrase));
        Assert.Equal(slow.Body, Text(_fast.Body));
        Assert.Equal(slow.Fields.Count, _fast.HeaderCount);
        for (int i = 0; i < slow.Fields.Count; i++)
        {
            Assert.Equal(slow.Fields[i].Name, _fast.NameAt(i));
            Assert.Equal(slow.Fields[i].NameText, Text(_fast.NameText(i)));
            Assert.Equal(slow.Fields[i].Value, Text(_fast.Value(i)));
            Assert.Equal(slow.Fields[i].Lines, Text(_fast.Line(i)));
        }
        foreach (HeaderName name in Enum.GetValues<HeaderName>())
        {
            Assert.Equal(slow.Values(name).Count(), _fast.CountOf(name));
            Assert.Equal(slow.Values(name).FirstOrDefault() ?? "", Text(_fast.Value(name)));
        }
    }

    private void CompareAddresses(SlowMessage slow, HeaderName name)
    {
        var values = new HeaderValues(_fast, name);
        foreach (string value in slow.Values(name).SelectMany(SlowValues.Split))
        {
            if (value.Trim(' ', '\t', '\r', '\n') == "") continue;
            Assert.True(values.MoveNext());
            Assert.Equal(value.Trim(' ', '\t', '\r', '\n'), Text(values.Current));
            SlowAddress? expected = SlowValues.NameAddress(value);
            Assert.Equal(expected != null, NameAddress.TryParse(values.Current, out NameAddress address));
            if (expected is null) continue;
            Assert.Equal(expected.Display, Text(address.DisplayName));
            Assert.Equal(expected.Uri, Text(address.Uri));
            Assert.Equal(expected.Parameters, Text(address.Parameters));
            Assert.Equal(expected.Tag != null, address.TryGetTag(out ReadOnlySpan<byte> tag));
            if (expected.Tag != null) Assert.Equal(expected.Tag, Text(tag));
            CompareUri(expected.Uri);
        }
        Assert.False(values.MoveNext());
    }

    private static void CompareUri(string text)
    {
        bool parses = SipUri.TryParse(Encoding.Latin1.GetBytes(text), out SipUri uri);
        if (!text.StartsWith("sip:", StringComparison.OrdinalIgnoreCase) &&
            !text.StartsWith("sips:", StringComparison.OrdinalIgnoreCase))
        {
            Assert.False(parses && uri.IsSip);
            return;
        }
        SlowUri? expected = SlowValues.Uri(text);
        Assert.True(parses == (expected != null), $"the URI {text} {(parses ? "parses" : "does not parse")}");
        if (expected is null) return;
        string parameters = Text(uri.Parameters), headers = Text(uri.HeaderPart);
        Assert.Equal(expected, new SlowUri(Text(uri.UserInfo), Text(uri.Host), uri.Port, parameters, headers));
    }

    private static void CompareVia(string text)
    {
        SlowVia? expected = SlowValues.Via(text);
        bool parses = ViaValue.TryParse(Encoding.Latin1.GetBytes(text), out ViaValue via);
        Assert.True(parses == (expected != null), $"the Via {text} {(parses ? "parses" : "does not parse")}");
        if (expected is null) return;
        var found = new SlowVia(Text(via.Transport), Text(via.Host), via.Port, Text(via.Branch), via.HasRport);
        Assert.Equal(expected, found);
    }

    private static void CompareCSeq(string text)
    {
        (uint Number, string Method)? expected = SlowValues.CSeq(text);
        bool parses = CSeqValue.TryParse(Encoding.Latin1.GetBytes(text), out CSeqValue cseq);
        Assert.True(parses == (expected != null), $"the CSeq {text} {(parses ? "parses" : "does not parse")}");
        if (expected is { } value) Assert.Equal(value, (cseq.Number, Text(cseq.MethodToken)));
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);
}
