using Sbc.Program.Commands;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Program;

public sealed class CommandTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("realms: {edge: {listen: [udp://192.0.2.10]}}", 0,
        "FILE: valid: 1 realm, 0 peers, 0 groups, 0 routes\n")]
    [InlineData("realms: {edge: {listen: [udp://192.0.2.10], interface: eth0}}", 0,
        "FILE:1:56: warning: interface has no effect in this version, which has no kernel part\n"
        + "FILE: valid: 1 realm, 0 peers, 0 groups, 0 routes\n")]
    [InlineData("realm: {edge: {listen: [udp://192.0.2.10]}}", 1,
        "FILE:1:1: error: unknown key \"realm\"; did you mean \"realms\"?\n"
        + "FILE:1:1: error: there is no realm; name at least one attached network under realms\n")]
    public void Check_prints_every_problem_and_exits_by_the_errors(string text, int exit, string expected)
    {
        string file = _folder.Write("sbc.yaml", text);
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(exit, CheckCommand.Run(file, new FixedFacts(), output));
        Assert.Equal(expected.Replace("FILE", file), output.ToString());
    }

    [Fact]
    public async Task Run_refuses_a_bad_configuration()
    {
        using var error = new StringWriter();
        string file = _folder.Write("sbc.yaml", "");
        Assert.Equal(1, await RunCommand.RunAsync(file, new FixedFacts(), TextWriter.Null, error));
        Assert.Contains("1:1: error: there is no realm", error.ToString());
    }

    [Fact]
    public void Version_names_version_and_commit() =>
        Assert.Matches(@"^\d+\.\d+\.\d+ \(commit .+\)$", VersionCommand.Text());
}
