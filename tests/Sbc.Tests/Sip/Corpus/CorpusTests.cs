using Sbc.Engine.Pipeline;
using Sbc.Sip.Message;
using Sbc.Tests.Sip.Fuzz;
using Sbc.Tests.Sip.Message;
using Sbc.Tests.Sip.Torture;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Sip.Corpus;

/// <summary>Real messages and spoilt ones, into the parser and into a box that must work afterwards.</summary>
public sealed class CorpusTests(ITestOutputHelper log)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_box_that_got_every_message_and_thousands_of_mutants_still_sets_up_a_call(ulong seed)
    {
        List<byte[]> messages = [SipSamples.Invite, .. FuzzSeeds.All];
        if (CorpusFolder.Find("messages") is { } folder)
            messages.AddRange(CorpusFolder.Messages(folder).Select(message => message.Bytes));
        else
            log.WriteLine(CorpusFolder.Absent("messages"));
        var mutator = new Mutator(seed, messages);
        var target = new TargetBox(seed);
        int sent = 0;
        foreach (byte[] message in messages.Concat(Enumerable.Range(0, 4000).Select(_ => mutator.Next())))
        {
            target.Send(message);
            // Some arrive in one batch, and time passes, so that timers run between them.
            if (++sent % 7 == 0) target.Simulator.RunFor(20);
        }
        target.Simulator.RunFor(300_000);
        log.WriteLine(Summary(target, sent));
        Assert.Empty(target.Simulator.Reports);
        Assert.Empty(target.Broken());
        Assert.Equal(200, target.PlaceCall());
        Assert.Empty(target.Broken());
    }

    [Fact]
    public void An_INVITE_cut_at_any_byte_breaks_nothing()
    {
        var target = new TargetBox();
        for (int length = 0; length < SipSamples.Invite.Length; length++)
        {
            target.Send(SipSamples.Invite[..length]);
            if (length % 16 == 0) target.Simulator.RunFor(10);
        }
        target.Simulator.RunFor(300_000);
        Assert.Equal(0, target.Box.Workers.Signalling.Sum(worker => worker.Counters.Verdicts(VerdictKind.Forwarded)));
        Assert.Equal(200, target.PlaceCall());
        Assert.Empty(target.Broken());
    }

    [Theory]
    [InlineData('\0')]
    [InlineData('x')]
    [InlineData('\n')]
    [InlineData(' ')]
    [InlineData(';')]
    [InlineData('"')]
    [InlineData('<')]
    public void Sixty_four_kilobytes_of_one_byte_break_nothing_in_any_header(char filler)
    {
        var target = new TargetBox();
        string invite = SipSamples.Text(SipSamples.Invite);
        target.Send(SipSamples.Utf8(new string(filler, 65_507)));
        for (int at = invite.IndexOf(':'); at >= 0; at = invite.IndexOf(':', at + 1))
        {
            byte[] bytes = SipSamples.Utf8(invite.Insert(at + 1, new string(filler, 65_507 - invite.Length)));
            target.Send(bytes);
            target.Simulator.RunFor(10);
        }
        target.Simulator.RunFor(300_000);
        Assert.Equal(200, target.PlaceCall());
        Assert.Empty(target.Broken());
    }

    /// <summary>What is refused of real traffic is in the log, request by request, with both strictnesses.</summary>
    [Fact]
    public void A_tolerant_realm_refuses_only_the_broken_requests_of_the_corpus()
    {
        if (CorpusFolder.Find("messages") is not { } folder)
        {
            log.WriteLine(CorpusFolder.Absent("messages"));
            return;
        }
        int requests = 0, tolerant = 0, strict = 0;
        foreach ((string name, byte[] bytes) in CorpusFolder.Messages(folder))
        {
            SipMessage message = SipSamples.Parse(bytes, out ParseError error);
            if (error != ParseError.None || !message.IsRequest) continue;
            requests++;
            int refusal = Sanity.Check(message, isStrict: false);
            bool refusedByStrict = Sanity.Check(message, isStrict: true) != 0;
            if (refusal != 0) tolerant++;
            if (refusedByStrict) strict++;
            if (refusedByStrict) log.WriteLine($"{name}: {(refusal == 0 ? "strict only" : refusal.ToString())}");
        }
        log.WriteLine($"{requests} requests: {tolerant} refused by all, {strict} by a strict realm");
        // Every seventh is a test suite's own: without From, with two Call-IDs, with another method in CSeq.
        Assert.True(tolerant * 6 < requests, $"{tolerant} of {requests} requests are refused");
    }

    private static string Summary(TargetBox target, int sent)
    {
        string verdicts = string.Join(", ", Enum.GetValues<VerdictKind>().Select(kind =>
            $"{kind} {target.Box.Workers.Signalling.Sum(worker => worker.Counters.Verdicts(kind))}"));
        return $"{sent} messages: {verdicts}";
    }
}
