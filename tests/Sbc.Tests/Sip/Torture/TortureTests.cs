using Sbc.Tests.Sip.Corpus;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Sip.Torture;

/// <summary>The messages of RFC 4475 and RFC 5118 through the real workers: what the box does is judged.</summary>
public sealed class TortureTests(ITestOutputHelper log)
{
    private const string NotCarried = "405";
    private const string NoSuchDialog = "481";

    /// <summary>
    /// What is tolerable and not right. A row that becomes right fails here until it is taken out. REGISTER, OPTIONS
    /// for somebody behind the box and methods that are unknown are not carried yet; a request within a dialog that
    /// this box did not set up has no other leg to go to, now and later.
    /// </summary>
    private static readonly Dictionary<string, string> KnownGaps = new()
    {
        ["rfc4475/wsinv.dat"] = NoSuchDialog,
        ["rfc4475/intmeth.dat"] = NotCarried,
        ["rfc4475/escnull.dat"] = NotCarried,
        ["rfc4475/esc02.dat"] = NotCarried,
        ["rfc4475/lwsdisp.dat"] = NotCarried,
        ["rfc4475/dblreq.dat"] = NotCarried,
        ["rfc4475/semiuri.dat"] = NotCarried,
        ["rfc4475/transports.dat"] = NotCarried,
        ["rfc4475/mpart01.dat"] = NotCarried,
        ["rfc4475/badaspec.dat"] = NotCarried,
        // Cut short and with a From that is two values: nobody to answer for sure.
        ["rfc4475/baddn.dat"] = "SILENT",
        ["rfc4475/badbranch.dat"] = NotCarried,
        ["rfc4475/unksm2.dat"] = NotCarried,
        ["rfc4475/regaut01.dat"] = NotCarried,
        // OPTIONS without a hop left is for the box itself (RFC 3261 16.3).
        ["rfc4475/zeromf.dat"] = "200",
        ["rfc4475/cparam01.dat"] = NotCarried,
        ["rfc4475/cparam02.dat"] = NotCarried,
        ["rfc4475/regescrt.dat"] = NotCarried,
        // RFC 2543 did without Contact; a dialog of two legs has nowhere to send its requests then.
        ["rfc4475/inv2543.dat"] = "400",
        ["rfc5118/ipv6-good.dat"] = NotCarried,
        ["rfc5118/port-ambiguous.dat"] = NotCarried,
        ["rfc5118/port-unambiguous.dat"] = NotCarried,
        ["rfc5118/via-received-param-with-delim.dat"] = NoSuchDialog,
        ["rfc5118/via-received-param-no-delim.dat"] = NotCarried,
        ["rfc5118/mult-ip-in-header.dat"] = NoSuchDialog,
        ["rfc5118/ipv6-bug-abnf-3-colons.dat"] = NotCarried,
        ["rfc5118/ipv6-correct-abnf-2-colons.dat"] = NotCarried,
    };

    [Fact]
    public void No_torture_message_gets_an_outcome_that_the_RFCs_rule_out()
    {
        if (CorpusFolder.Find("torture") is not { } folder)
        {
            log.WriteLine(CorpusFolder.Absent("torture"));
            return;
        }
        var count = new int[3];
        var wrong = new List<string>();
        foreach (TortureRow row in TortureRow.ReadAll(folder))
        {
            var target = new TargetBox();
            string verdict = target.Offer(File.ReadAllBytes(Path.Combine(folder, row.File)));
            Judgement judgement = row.Judge(verdict);
            count[(int)judgement]++;
            string outcome = $"{row.File}: {verdict}, expected {string.Join('|', row.Expected)}";
            log.WriteLine($"{judgement} {outcome}");
            string? gap = KnownGaps.GetValueOrDefault(row.File);
            if (judgement == Judgement.Wrong) wrong.Add(outcome);
            else if (gap != (judgement == Judgement.Tolerable ? verdict : null)) wrong.Add($"gap {gap}: {outcome}");
            target.Simulator.RunFor(120_000);
            foreach (string law in target.Broken()) wrong.Add($"{row.File}: it does not hold that {law}");
        }
        log.WriteLine($"{count[0]} right, {count[1]} tolerable, {count[2]} wrong (Kamailio 5.6: 31, 26, 9)");
        Assert.Empty(wrong);
    }
}
