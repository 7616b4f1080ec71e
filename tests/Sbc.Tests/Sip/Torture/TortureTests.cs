using Sbc.Tests.Sip.Corpus;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Sip.Torture;

/// <summary>The messages of RFC 4475 and RFC 5118 through the real workers: what the box does is judged.</summary>
public sealed class TortureTests(ITestOutputHelper log)
{
    private const string NoSuchDialog = "481";

    /// <summary>
    /// What is tolerable and not right. A row that becomes right fails here until it is taken out. A request within a
    /// dialog that this box did not set up has no other leg to go to.
    /// </summary>
    private static readonly Dictionary<string, string> KnownGaps = new()
    {
        ["rfc4475/wsinv.dat"] = NoSuchDialog,
        // White space within the brackets of an address: what is meant is plain, and a strict realm refuses it.
        ["rfc4475/badaspec.dat"] = "FWD",
        // RFC 2543 did without Contact; a dialog of two legs has nowhere to send its requests then.
        ["rfc4475/inv2543.dat"] = "400",
        ["rfc5118/via-received-param-with-delim.dat"] = NoSuchDialog,
        ["rfc5118/mult-ip-in-header.dat"] = NoSuchDialog,
    };

    /// <summary>What a registrar does where the index says what a proxy does, and the Contacts that there are then.
    /// </summary>
    private static readonly Dictionary<string, (string Verdict, string[] Contacts)> AtTheRegistrar = new()
    {
        // A user with a zero in his name can have no credentials; RegisterTests has his Contacts.
        ["rfc4475/escnull.dat"] = ("401", []),
        ["rfc4475/dblreq.dat"] = ("200", ["<sip:j.user@host.example.com>"]),
        ["rfc4475/unksm2.dat"] = ("400", []),
        ["rfc4475/regaut01.dat"] = ("200", []),
        ["rfc4475/cparam01.dat"] = ("200", ["<sip:+19725552222@gw1.example.net>"]),
        ["rfc4475/cparam02.dat"] = ("200", ["<sip:+19725552222@gw1.example.net;unknownparam>"]),
        ["rfc4475/regescrt.dat"] = ("200", ["<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"]),
        ["rfc5118/ipv6-good.dat"] = ("200", ["<sip:caller@[2001:db8::1]>"]),
        ["rfc5118/port-ambiguous.dat"] = ("200", ["<sip:caller@[2001:db8::1]>"]),
        ["rfc5118/port-unambiguous.dat"] = ("200", ["<sip:caller@[2001:db8::1]>"]),
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
            byte[] bytes = File.ReadAllBytes(Path.Combine(folder, row.File));
            string verdict = target.Offer(bytes);
            Judgement judgement = row.Judge(verdict);
            if (AtTheRegistrar.TryGetValue(row.File, out (string Verdict, string[] Contacts) right))
            {
                judgement = verdict == right.Verdict ? Judgement.Right : Judgement.Wrong;
                string[] contacts = [.. target.Answer.Split("\r\n").Where(line => line.StartsWith("Contact: "))
                    .Select(line => line["Contact: ".Length..].Split(";expires=")[0])];
                if (!contacts.SequenceEqual(right.Contacts)) wrong.Add($"{row.File}: {string.Join(' ', contacts)}");
                target.Simulator.RunFor(3_600_000);
            }
            count[(int)judgement]++;
            string outcome = $"{row.File}: {verdict}, expected {string.Join('|', row.Expected)}";
            log.WriteLine($"{judgement} {outcome}");
            if (verdict == "FWD")
            {
                wrong.AddRange(ForwardedMessage.Faults(bytes, target.Forwarded, row.Class).Select(fault =>
                    $"{row.File}, forwarded: {fault}"));
            }
            string? gap = KnownGaps.GetValueOrDefault(row.File);
            if (judgement == Judgement.Wrong) wrong.Add(outcome);
            else if (gap != (judgement == Judgement.Tolerable ? verdict : null)) wrong.Add($"gap {gap}: {outcome}");
            target.Simulator.RunFor(120_000);
            foreach (string law in target.Broken()) wrong.Add($"{row.File}: it does not hold that {law}");
        }
        log.WriteLine($"{count[0]} right, {count[1]} tolerable, {count[2]} wrong (Kamailio 5.6: 31, 26, 9)");
        Assert.Empty(wrong);
    }

    /// <summary>Where strictness is asked for, no invalid message passes and every valid one does.</summary>
    [Fact]
    public void A_strict_realm_refuses_every_invalid_message_and_no_valid_one()
    {
        if (CorpusFolder.Find("torture") is not { } folder)
        {
            log.WriteLine(CorpusFolder.Absent("torture"));
            return;
        }
        var wrong = new List<string>();
        foreach (TortureRow row in TortureRow.ReadAll(folder))
        {
            byte[] bytes = File.ReadAllBytes(Path.Combine(folder, row.File));
            string verdict = new TargetBox(strictness: "strict").Offer(bytes);
            log.WriteLine($"{row.File}: {verdict}");
            Judgement judgement = row.Judge(verdict);
            if (judgement == Judgement.Wrong) wrong.Add($"{row.File}: {verdict}");
            if (row.Class is "invalid" or "transaction" && judgement != Judgement.Right && row.Expected.Contains("400"))
                wrong.Add($"{row.File}: {verdict} and not 400");
            if (row.Class is "valid" && verdict == "400") wrong.Add($"{row.File} is valid and refused");
        }
        Assert.Empty(wrong);
    }
}
