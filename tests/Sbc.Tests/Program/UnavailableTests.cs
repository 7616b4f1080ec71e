using Xunit;

namespace Sbc.Tests.Program;

/// <summary>What this version cannot do is refused by name. A row goes when its feature comes.</summary>
public sealed class UnavailableTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("listen: tcp://192.0.2.10", "a tcp listener")]
    [InlineData("listen: wss://192.0.2.10", "a wss listener")]
    [InlineData("tls: {certificates: [{certificate: a.pem, key_file: a.key}], client_ca: null}", "tls")]
    [InlineData("allow: [10.0.0.0/8]", "an allow list")]
    [InlineData("deny: [{file: deny.txt}]", "a deny list")]
    public void Of_a_realm(string key, string feature)
    {
        string listen = key.StartsWith("listen") ? "" : "listen: udp://192.0.2.10, ";
        Refused($"realms: {{edge: {{{listen}{key}}}}}", feature);
    }

    [Theory]
    [InlineData("guard: {kernel: required}", "kernel: required")]
    [InlineData("media: {datapath: kernel}", "datapath: kernel")]
    [InlineData("emergency: ['112']", "emergency")]
    [InlineData("records: {file: calls.jsonl}", "records")]
    [InlineData("hep: {server: x}", "hep")]
    [InlineData("admin: {listen: 'https://127.0.0.1', tls: {certificate: a, key_file: b}}",
        "tls of the admin interface")]
    public void Of_the_whole(string line, string feature) =>
        Refused($"realms: {{edge: {{listen: udp://192.0.2.10}}}}\n{line}", feature);

    [Theory]
    [InlineData("guard: {ban_seconds: 300}")]
    [InlineData("guard: {ban_seconds_max: 300}")]
    public void What_does_no_harm_is_a_warning(string line)
    {
        var load = _folder.Load($"realms: {{edge: {{listen: udp://192.0.2.10}}}}\n{line}");
        Assert.Contains("warning", Assert.Single(load.Problems).ToString());
        Assert.NotNull(load.Config);
    }

    private void Refused(string text, string feature) =>
        Assert.Contains($"error: {feature} is not available in this version", Assert.Single(_folder.Problems(text)));
}
