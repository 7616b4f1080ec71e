using System.Numerics;
using System.Text;
using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Runtime;
using Sbc.Sip;
using Sbc.Sip.Bodies;
using Sbc.Sip.Framing;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;
using Sbc.Tests.Sip.Corpus;
using Sbc.Tests.Sip.Message;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>The fast parser against a slow and obvious one: the same verdict and values, whatever the bytes.</summary>
public sealed class OracleTests(ITestOutputHelper log)
{
    private static readonly HeaderName[] Addresses =
    [
        HeaderName.From, HeaderName.To, HeaderName.Contact, HeaderName.Route, HeaderName.RecordRoute, HeaderName.Path,
        HeaderName.ServiceRoute, HeaderName.ReferTo, HeaderName.ReferredBy, HeaderName.ReplyTo, HeaderName.Diversion,
        HeaderName.HistoryInfo, HeaderName.PAssertedIdentity, HeaderName.PPreferredIdentity, HeaderName.RemotePartyId,
    ];

    private static readonly HeaderName[] Numeric =
        [HeaderName.MaxForwards, HeaderName.ContentLength, HeaderName.Expires, HeaderName.RSeq, HeaderName.MaxBreadth];

    private readonly SipMessage _fast = new();
    private byte[] _bytes = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Both_parsers_read_mutants_alike(ulong seed) =>
        FuzzRun.Run(log, seed, Seeds(), 10_000, IsWhole);

    [Fact]
    [Trait("tier", "long")]
    public void Both_parsers_read_mutants_alike_for_as_long_as_wanted() =>
        FuzzRun.Run(log, FuzzRun.NewSeed(), Seeds(), 0, IsWhole);

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

    private bool IsWhole(byte[] bytes, string name) => Compare(bytes, name) == ParseError.None;

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
            foreach (HeaderName header in Enum.GetValues<HeaderName>()) CompareValues(slow, header);
            foreach (HeaderName header in Numeric) CompareNumbers(slow, header);
            foreach (string type in slow.Values(HeaderName.ContentType)) CompareBody(type, slow.Body);
            CompareFrame(slow, bytes);
            if (error == ParseError.None) CompareWritten(slow);
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

    private void CompareValues(SlowMessage slow, HeaderName name)
    {
        var values = new HeaderValues(_fast, name);
        foreach (string value in slow.Values(name).SelectMany(SlowValues.Split))
        {
            if (value.Trim(' ', '\t', '\r', '\n') == "") continue;
            Assert.True(values.MoveNext());
            Assert.Equal(value.Trim(' ', '\t', '\r', '\n'), Text(values.Current));
            if (Addresses.Contains(name)) CompareAddress(value, values.Current);
        }
        Assert.False(values.MoveNext());
    }

    private static void CompareAddress(string value, ReadOnlySpan<byte> bytes)
    {
        SlowAddress? expected = SlowValues.NameAddress(value);
        Assert.Equal(expected != null, NameAddress.TryParse(bytes, out NameAddress address));
        if (expected is null) return;
        Assert.Equal(expected.Display, Text(address.DisplayName));
        Assert.Equal(expected.Uri, Text(address.Uri));
        Assert.Equal(expected.Parameters, Text(address.Parameters));
        Assert.Equal(expected.Tag != null, address.TryGetTag(out ReadOnlySpan<byte> tag));
        if (expected.Tag != null) Assert.Equal(expected.Tag, Text(tag));
        CompareParameters(expected.Parameters, address.Parameters);
        CompareUri(expected.Uri);
    }

    private static void CompareParameters(string text, ReadOnlySpan<byte> bytes)
    {
        List<(string Name, string Value)> expected = SlowValues.Parameters(text);
        var walk = new Parameters(bytes);
        foreach ((string name, string value) in expected)
        {
            Assert.True(walk.MoveNext());
            Assert.Equal((name, value), (Text(walk.Name), Text(walk.Value)));
        }
        Assert.False(walk.MoveNext());
        Assert.Equal(
            expected.Count(parameter => parameter.Name.Equals("tag", StringComparison.OrdinalIgnoreCase)),
            Parameters.CountOf(bytes, "tag"u8));
    }

    private static void CompareNumbers(SlowMessage slow, HeaderName name)
    {
        foreach (string text in slow.Values(name))
        {
            bool digits = text.Length > 0 && text.All(char.IsAsciiDigit);
            bool fits = digits && BigInteger.Parse(text) <= uint.MaxValue;
            Assert.Equal(fits, Numbers.TryParse(Encoding.Latin1.GetBytes(text), out uint value));
            if (fits) Assert.Equal(uint.Parse(text), value);
        }
    }

    private static void CompareBody(string contentType, string body)
    {
        SlowBody expected = SlowBody.Parse(contentType, body);
        byte[] bytes = Encoding.Latin1.GetBytes(body);
        byte[] type = Encoding.Latin1.GetBytes(contentType);
        if (!Multipart.TryOpen(type, bytes, out Multipart parts, out MultipartError error))
        {
            Assert.Equal((expected.Error, 0), (error, expected.Parts.Count));
            return;
        }
        foreach ((string headers, string text) in expected.Parts)
        {
            Assert.True(parts.MoveNext());
            Assert.StartsWith(headers, Text(parts.Current.Headers));
            Assert.Equal(text, Text(parts.Current.Body));
            Assert.Equal(text, Text(bytes.AsSpan(parts.Current.Start, parts.Current.Length)));
            if (parts.Current.TryGetHeader("Content-Type"u8, out ReadOnlySpan<byte> inner))
                CompareBody(Text(inner), text);
        }
        Assert.False(parts.MoveNext());
        Assert.Equal(expected.Error, parts.Error);
    }

    /// <summary>On a stream the message ends where the datagram's parser ends its body, or nowhere.</summary>
    private static void CompareFrame(SlowMessage slow, byte[] bytes)
    {
        byte[] message = [.. bytes.SkipWhile(value => value is (byte)'\r' or (byte)'\n')];
        StreamFrame frame = new StreamFramer().Next(message);
        if (frame.Kind == FrameKind.Message)
        {
            if (slow.Error is ParseError.None) Assert.Equal(message.Length - slow.After.Length, frame.Length);
            return;
        }
        bool isFramed = slow.Error == ParseError.None && slow.Values(HeaderName.ContentLength).Count() == 1;
        if (!isFramed || slow.HeaderBytes > SipLimits.StreamHeaderBytesMax) return;
        Assert.True(slow.HasBareLineEnd, $"{frame} for a message with a length");
    }

    /// <summary>Written from what was read, it reads the same.</summary>
    private void CompareWritten(SlowMessage slow)
    {
        var writer = new SipWriter(new byte[SipLimits.MessageBytesMax * 2]);
        if (_fast.IsRequest) writer.RequestLine(_fast.MethodToken, _fast.RequestUri);
        else writer.StatusLine(_fast.StatusCode, _fast.ReasonPhrase);
        for (int i = 0; i < _fast.HeaderCount; i++) writer.Copy(_fast, i);
        writer.EndLine();
        writer.Raw(_fast.Body);
        if (writer.Length > SipLimits.MessageBytesMax) return;
        SlowMessage again = SlowMessage.Parse(writer.Written.ToArray());
        Assert.Equal(ParseError.None, again.Error);
        Assert.False(again.HasBareLineEnd);
        Assert.Equal((slow.Method, slow.Uri), (again.Method, again.Uri));
        Assert.Equal((slow.Status, slow.Phrase), (again.Status, again.Phrase));
        Assert.Equal(slow.Body, again.Body);
        Assert.Equal(
            slow.Fields.Select(field => (field.Name, field.NameText, field.Value)),
            again.Fields.Select(field => (field.Name, field.NameText, field.Value)));
        byte[] written = writer.Written.ToArray();
        Assert.Equal(ParseError.None, _fast.Parse(written, 0, written.Length));
        Assert.False(_fast.HasBareLineFeed);
        bool tolerates = _fast.IsRequest && Sanity.Check(_fast, isStrict: false) == 0;
        if (_fast.IsRequest && Sanity.Check(_fast, isStrict: true) == 0) Assert.True(tolerates);
        if (tolerates) CompareAnswer(again);
    }

    /// <summary>An answer names the same transaction and dialog, and one To tag: ours where it had none.</summary>
    private void CompareAnswer(SlowMessage request)
    {
        if (SlowValues.Via(request.Values(HeaderName.Via).FirstOrDefault() ?? "") is not { } via) return;
        var writer = new SipWriter(new byte[SipLimits.MessageBytesMax * 2]);
        writer.StatusLine(400, "Bad Request"u8);
        LegResponse.WriteFromRequest(ref writer, _fast, TransportAddress.FromIPv4(0xCB007107, 4000), "ours"u8);
        writer.Raw("Content-Length: 0\r\n\r\n"u8);
        SlowMessage answer = SlowMessage.Parse(writer.Written.ToArray());
        Assert.Equal(ParseError.None, answer.Error);
        Assert.Equal(via, SlowValues.Via(answer.Values(HeaderName.Via).First()));
        Assert.Equal(request.Values(HeaderName.Via).Skip(1), answer.Values(HeaderName.Via).Skip(1));
        foreach (HeaderName name in new[] { HeaderName.From, HeaderName.CallId, HeaderName.CSeq })
            Assert.Equal(request.Values(name), answer.Values(name));
        string from = request.Values(HeaderName.To).First(), to = answer.Values(HeaderName.To).Single();
        Assert.Equal(SlowValues.NameAddress(from)!.Tag ?? "ours", SlowValues.NameAddress(to)!.Tag);
        Assert.Equal(SlowValues.NameAddress(from)!.Uri, SlowValues.NameAddress(to)!.Uri);
    }

    private static void CompareUri(string text)
    {
        bool parses = SipUri.TryParse(Encoding.Latin1.GetBytes(text), out SipUri uri);
        if (!text.StartsWith("sip:", StringComparison.OrdinalIgnoreCase) &&
            !text.StartsWith("sips:", StringComparison.OrdinalIgnoreCase))
        {
            Assert.False(parses && uri.IsSip);
            (string Number, string Parameters)? number = SlowValues.Tel(text);
            Assert.Equal(number != null, parses && uri.Scheme == UriScheme.Tel);
            if (number is { } tel) Assert.Equal(tel, (Text(uri.UserInfo), Text(uri.Parameters)));
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
        CompareParameters(Text(via.Parameters), via.Parameters);
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
