using System.Text;
using System.Text.RegularExpressions;
using Sbc.Sip.Sdp;
using Xunit;
using Xunit.Abstractions;
using static Sbc.Tests.Sip.Sdp.SdpSamples;

namespace Sbc.Tests.Sip.Sdp;

/// <summary>
/// Whatever parses must leave with our addresses only; the second parser of the result is the oracle.
/// </summary>
public sealed partial class SdpFuzzTests(ITestOutputHelper log)
{
    private readonly SdpDescription _sdp = new();
    private readonly SdpDescription _again = new();
    private readonly byte[] _output = new byte[1 << 18];
    private readonly byte[] _filtered = new byte[1 << 18];
    private readonly SdpCodecFilter _filter = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_descriptions_never_throw_and_never_leak(int seed)
    {
        var random = new Random(seed);
        byte[][] seeds =
            [Bytes(Audio), Bytes(AudioAndVideo), Bytes(Audio + "\na=candidate:1 1 UDP 1 10.9.9.9 5 typ host")];
        int parsed = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] body = Mutate(random, seeds[random.Next(seeds.Length)], seeds);
            if (!_sdp.TryParse(body, out _)) continue;
            parsed++;
            AssertOnlyOurs(body, random.Next(2) == 0);
            AssertFiltered(body);
        }
        Assert.True(parsed > 1000, $"only {parsed} mutants parsed: the mutator tests nothing");
    }

    [Fact]
    public void Every_description_of_the_corpus_is_refused_or_leaves_without_a_foreign_address()
    {
        string? folder = CorpusFolder();
        if (folder is null)
        {
            log.WriteLine("corpus absent: ../shared/corpus/sdp was not found above the test's folder; nothing was run");
            return;
        }
        int parsed = 0, refused = 0;
        foreach (string file in Directory.EnumerateFiles(folder, "*.sdp", SearchOption.AllDirectories))
        {
            byte[] body = File.ReadAllBytes(file);
            if (_sdp.TryParse(body, out SdpError error))
            {
                parsed++;
                AssertOnlyOurs(body, isIPv6: false);
                AssertFiltered(body);
                continue;
            }
            refused++;
            log.WriteLine($"{Path.GetFileName(file)}: {error}");
        }
        log.WriteLine($"{parsed} rewritten, {refused} refused");
        Assert.True(parsed > refused, $"{parsed} parsed, {refused} refused");
    }

    private void AssertOnlyOurs(byte[] body, bool isIPv6)
    {
        var ours = isIPv6 ? Ours6 : Ours;
        var ports = new SdpMediaPorts[20];
        for (int i = 0; i < ports.Length; i++)
            ports[i] = new SdpMediaPorts((ushort)(20000 + (2 * i)), (ushort)(20001 + (2 * i)));
        Assert.True(SdpEditor.TryRewrite(_sdp, body, new SdpRewrite(ours, 7, 8), ports, _output, out int written));
        Assert.True(written <= SdpEditor.OutputBytesMax(_sdp));
        ReadOnlySpan<byte> result = _output.AsSpan(0, written);
        Assert.True(_again.TryParse(result, out SdpError error), error.ToString());
        Assert.Equal(_sdp.Media.Length, _again.Media.Length);
        for (int i = 0; i < _sdp.Media.Length; i++)
        {
            SdpMedia before = _sdp.Media[i], after = _again.Media[i];
            Assert.Equal(before.IsRejected || i >= ports.Length ? 0 : ports[i].Rtp, after.Port);
            Assert.Equal(before.Direction, after.Direction);
            Assert.Equal(before.HasUnspecifiedConnection, after.HasUnspecifiedConnection);
            if (after.IsRejected || after.HasUnspecifiedConnection) continue;
            Assert.Equal(ours.WithPort(ports[i].Rtp), after.Address);
            Assert.True(after.RtcpAddress.SameAddress(ours));
            bool isSamePort = before.HasRtcpMux && before.RtcpPort == before.Port;
            Assert.True(after.RtcpAddress.Port == ports[i].Rtcp || isSamePort);
        }
        AssertNoForeignLine(Encoding.Latin1.GetString(result), ours.IsIPv4 ? "203.0.113.5" : "2001:db8:ffff::5");
    }

    /// <summary>Without its codecs it has the same lines, and none that was refused is open again.</summary>
    private void AssertFiltered(byte[] body)
    {
        var policy = new SdpCodecPolicy { Deny = [Codec("PCMU"), Codec("opus")], Order = [Codec("PCMA")] };
        Assert.True(_sdp.TryParse(body, out _));
        Assert.True(_filter.TryApply(_sdp, body, [policy], policy, _filtered, out int written));
        Assert.True(written <= body.Length);
        byte[] filtered = _filtered[..written];
        Assert.True(_again.TryParse(filtered, out SdpError error), error.ToString());
        Assert.Equal(_sdp.Media.Length, _again.Media.Length);
        for (int i = 0; i < _sdp.Media.Length; i++)
        {
            SdpMedia before = _sdp.Media[i], after = _again.Media[i];
            Assert.True(after.Port == before.Port || after.Port == 0);
            Assert.Equal((before.Kind, before.Profile), (after.Kind, after.Profile));
            Assert.True(after.FormatCount > 0 == before.FormatCount > 0);
        }
        // Once more changes nothing.
        Assert.True(_filter.TryApply(_again, filtered, [policy], policy, _output, out int length));
        Assert.Equal(filtered, _output[..length]);
    }

    private static SdpCodec Codec(string name)
    {
        Assert.True(SdpCodec.TryParse(name, out SdpCodec codec));
        return codec;
    }

    private static void AssertNoForeignLine(string text, string ours)
    {
        Assert.DoesNotMatch(Writers(), text);
        foreach (Match line in UnderstoodLine().Matches(text))
        {
            Assert.DoesNotContain("candidate", line.Value);
            foreach (Match address in IpLiteral().Matches(line.Value))
            {
                Assert.True(address.Value == ours || address.Value is "0.0.0.0" or "::", line.Value);
            }
        }
    }

    private static byte[] Mutate(Random random, byte[] seed, byte[][] all)
    {
        var bytes = new List<byte>(seed);
        for (int i = random.Next(1, 6); i > 0 && bytes.Count > 1; i--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at)); break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                    break;
                case 3: bytes[at] = "=:/ \r\n.0"u8[random.Next(8)]; break;
                case 4: bytes.RemoveRange(at, bytes.Count - at); break;
                default: Splice(random, bytes, all[random.Next(all.Length)]); break;
            }
        }
        return [.. bytes];
    }

    /// <summary>A whole line of another description, put between two lines: what survives parsing most often.</summary>
    private static void Splice(Random random, List<byte> bytes, byte[] other)
    {
        string[] lines = Encoding.Latin1.GetString(other).Split("\r\n");
        int at = bytes.IndexOf((byte)'\n', random.Next(bytes.Count));
        if (at < 0) return;
        bytes.InsertRange(at + 1, Encoding.Latin1.GetBytes(lines[random.Next(lines.Length)] + "\r\n"));
    }

    private static string? CorpusFolder()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Combine(at.FullName, "shared", "corpus", "sdp");
            if (Directory.Exists(folder)) return folder;
        }
        // A worktree may lie beside the repository's own place.
        const string Fixed = "/work/shared/corpus/sdp";
        return Directory.Exists(Fixed) ? Fixed : null;
    }

    [GeneratedRegex(@"^(o|c|u)=[^\r\n]*|^a=\s*(rtcp|candidate|remote-candidates|alt|altc|source-filter):[^\r\n]*",
        RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex UnderstoodLine();

    // The addresses of the samples, wherever a mutation put them.
    [GeneratedRegex(@"(?<![0-9.])(10\.1\.2\.3|192\.168\.7\.[78]|10\.9\.9\.9)(?![0-9.])")]
    private static partial Regex Writers();

    [GeneratedRegex(@"\d+\.\d+\.\d+\.\d+|[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*")]
    private static partial Regex IpLiteral();
}
