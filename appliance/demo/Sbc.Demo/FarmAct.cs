using Spectre.Console;

namespace Sbc.Demo;

/// <summary>The first act: the farm and the box come up, phones call, and what happened is shown.</summary>
internal sealed class FarmAct(IAnsiConsole console, string folder)
{
    /// <returns>Whether every call and its RTP got through.</returns>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        console.WriteLine($"Starting two answering proxies and the box with {Plan.FarmConfig}; logs are in out/demo.");
        using Child proxyA = Sipp.Proxy(Plan.Farm[0].Name, Plan.Farm[0].Address, folder);
        using Child proxyB = Sipp.Proxy(Plan.Farm[1].Name, Plan.Farm[1].Address, folder);
        await proxyA.WaitForAsync(() => PortCheck.IsUdpBound(Plan.Farm[0].Address, Plan.SipPort), "listening", stop);
        await proxyB.WaitForAsync(() => PortCheck.IsUdpBound(Plan.Farm[1].Address, Plan.SipPort), "listening", stop);
        using Child box = await Box.StartAsync("sbc", folder, Path.GetFullPath(Plan.FarmConfig), stop);

        console.WriteLine($"Placing {Plan.Calls} calls, {Plan.CallsPerSecond} a second, each with "
            + $"{Plan.PacketsPerCall * Plan.PacketMs / 1000} s of G.711 that the proxies play back.");
        using var player = new RtpPlayer(Path.Combine(folder, "answered.log"));
        string statistics = Path.Combine(folder, "phones.csv");
        using Child phones = Sipp.Phones(folder);
        await Watch.CallsAsync(console, phones, box, statistics, player, stop);
        phones.End();
        player.Stop();
        Metrics? metrics = await Metrics.FetchAsync(stop);

        var outcome = new Outcome(folder, SippStatistics.Read(statistics));
        var report = new Report(console);
        report.Invite(outcome);
        report.Calls(outcome);
        report.Setup(outcome);
        report.Media(player, metrics);
        bool died = box.HasExited;
        if (!died) await ShowMetricsPageAsync(metrics is not null, stop);
        box.End();

        int failed = Plan.Calls - outcome.Phones.Succeeded;
        if (failed > 0) Console.Error.WriteLine($"demo: {failed} calls failed; see out/demo/phones.errors");
        if (player.Returned == 0) Console.Error.WriteLine("demo: no RTP came back");
        if (died || box.ExitCode != 0)
            Console.Error.WriteLine($"demo: sbc ended with {box.ExitCode}; see out/demo/sbc.log");
        return failed == 0 && player.Returned > 0 && player.Wrong == 0 && box.ExitCode == 0;
    }

    private async Task ShowMetricsPageAsync(bool answers, CancellationToken stop)
    {
        if (!answers)
        {
            console.WriteLine($"Nobody answers at {Plan.AdminUrl}/metrics: the box serves no metrics page.");
            return;
        }
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            console.WriteLine($"The metrics page was at {Plan.AdminUrl}/metrics. On a terminal the demo keeps it "
                + "until Enter; make run serves until Ctrl-C.");
            return;
        }
        console.WriteLine($"The metrics page is at {Plan.AdminUrl}/metrics until you press Enter.");
        // Console.ReadLine cannot be cancelled; a read that is left waiting ends with the process.
        await Task.Run(Console.ReadLine, stop).WaitAsync(stop);
    }
}
