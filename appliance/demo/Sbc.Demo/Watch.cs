using Spectre.Console;

namespace Sbc.Demo;

/// <summary>Shows how far the calls are: a bar on a terminal, a line every few seconds elsewhere.</summary>
internal static class Watch
{
    private const int LineEveryMs = 5000;

    /// <summary>Until the phones are done, the box is gone, or time is up: what is missing then has failed.</summary>
    public static async Task CallsAsync(IAnsiConsole console, Child phones, Child box, string statistics,
        RtpPlayer player, CancellationToken stop)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            long line = Environment.TickCount64 + LineEveryMs;
            await UntilEndAsync(phones, box, stop, () =>
            {
                if (Environment.TickCount64 < line) return;
                line += LineEveryMs;
                console.WriteLine("  " + Text(SippStatistics.Read(statistics), player));
            });
            return;
        }
        await console.Progress().AutoClear(true)
            .Columns(new ProgressBarColumn { Width = 30 }, new TaskDescriptionColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask("calling", maxValue: Plan.Calls);
                await UntilEndAsync(phones, box, stop, () =>
                {
                    SippStatistics now = SippStatistics.Read(statistics);
                    task.Value = now.Succeeded + now.Failed;
                    task.Description = Text(now, player);
                });
            });
    }

    private static async Task UntilEndAsync(Child phones, Child box, CancellationToken stop, Action show)
    {
        long deadline = Environment.TickCount64 + (long)Plan.CallsTime.TotalMilliseconds;
        while (!phones.HasExited && !box.HasExited && Environment.TickCount64 < deadline)
        {
            show();
            await Task.Delay(250, stop);
        }
    }

    private static string Text(SippStatistics now, RtpPlayer player) =>
        $"{now.Placed} of {Plan.Calls} calls placed, {now.Running} up, {now.Succeeded} completed, {now.Failed} failed, "
        + $"{player.Returned} RTP packets there and back";
}
