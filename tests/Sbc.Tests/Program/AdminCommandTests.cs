using System.CommandLine;
using Sbc.Program.Commands;
using Xunit;

namespace Sbc.Tests.Program;

public sealed class AdminCommandTests
{
    [Fact]
    public async Task Every_command_shows_what_the_box_says()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        (int exit, string output, _) = await RunAsync(StatusCommand.Create(), "status", "--admin", box.Url);
        Assert.Equal(0, exit);
        Assert.Contains(", serving for ", output);
        Assert.Contains("50 of 50", output);
        (exit, output, _) = await RunAsync(PeersCommand.Create(), "peers", "--admin", box.Url);
        Assert.Equal(0, exit);
        Assert.StartsWith("peer     state       realm", output);
        Assert.Contains("proxy-a  not probed  core   127.0.0.21:5060  farm    0", output);
        (exit, output, _) = await RunAsync(CallsCommand.Create(), "calls", "--admin", box.Url);
        Assert.Equal((0, "0 calls"), (exit, output.TrimEnd().Split('\n')[^1]));
        (exit, output, _) = await RunAsync(ReloadCommand.Create(), "reload", "--admin", box.Url);
        Assert.Equal((0, "configuration 2 is served: nothing changed\n"), (exit, output));
        (exit, output, _) = await RunAsync(DrainCommand.Create(), "drain", "--admin", box.Url);
        Assert.Equal(0, exit);
        Assert.StartsWith("draining: no new calls; 0 are left", output);
        Assert.True(box.Server.Drain.IsDraining);
    }

    [Fact]
    public async Task Json_prints_the_answer_as_it_came()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        (int exit, string output, _) = await RunAsync(PeersCommand.Create(), "peers", "--admin", box.Url, "--json");
        Assert.Equal(0, exit);
        Assert.Equal((await box.GetAsync("/api/v1/peers")).Body + "\n", output);
    }

    [Fact]
    public async Task A_refused_reload_exits_1_with_every_problem()
    {
        await using RunningBox box = await RunningBox.StartAsync(Samples.Plain);
        box.Write("realm:\nroute:\n" + Samples.Plain);
        (int exit, string output, string error) =
            await RunAsync(ReloadCommand.Create(), "reload", "--admin", box.Url);
        Assert.Equal((1, ""), (exit, output));
        Assert.Contains("refused and nothing changed", error);
        Assert.Contains($"{box.File}:1:1: error: unknown key \"realm\"", error);
        Assert.Contains($"{box.File}:2:1: error: unknown key \"route\"", error);
    }

    [Fact]
    public async Task Where_nobody_answers_the_reason_is_told()
    {
        string url;
        await using (RunningBox box = await RunningBox.StartAsync(Samples.Plain)) url = box.Url;
        (int exit, string output, string error) = await RunAsync(StatusCommand.Create(), "status", "--admin", url);
        Assert.Equal((1, ""), (exit, output));
        Assert.StartsWith($"sbc: nobody answers at {url}: ", error);
    }

    [Fact]
    public async Task A_token_comes_from_a_file()
    {
        using var folder = new ScratchFolder();
        string file = folder.Write("token", "0123456789abcdef\n");
        await using RunningBox box = await RunningBox.StartAsync(
            Samples.Plain.Replace("127.0.0.1:0\"}", "127.0.0.1:0\", token: 0123456789abcdef}"));
        (int exit, _, string error) = await RunAsync(StatusCommand.Create(), "status", "--admin", box.Url);
        Assert.Equal((1, "sbc: a bearer token is needed: Authorization: Bearer TOKEN\n"), (exit, error));
        (exit, _, _) = await RunAsync(StatusCommand.Create(), "status", "--admin", box.Url, "--token-file", file);
        Assert.Equal(0, exit);
    }

    private static async Task<(int Exit, string Output, string Error)> RunAsync(Command command, params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        int exit = await new RootCommand { command }.Parse(args)
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return (exit, output.ToString(), error.ToString());
    }
}
