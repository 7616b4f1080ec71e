using System.Runtime.InteropServices;
using Sbc.Demo;
using Spectre.Console;

// The demo as a story in two acts: calls through the box to a farm, then two phones that register at the box. Each
// act starts what it needs, shows what happened, and ends everything again.
IAnsiConsole console = AnsiConsole.Console;
if (Console.IsOutputRedirected) console.Profile.Width = 160;
using var cancel = new CancellationTokenSource();
void Cancel(PosixSignalContext context)
{
    context.Cancel = true;
    cancel.Cancel();
}
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);
try
{
    PortCheck.Run();
    string folder = Path.GetFullPath("out/demo");
    if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    Directory.CreateDirectory(folder);
    bool carried = await new FarmAct(console, folder).RunAsync(cancel.Token);
    bool talked = await new PhonesAct(console, folder).RunAsync(cancel.Token);
    return carried && talked ? 0 : 1;
}
catch (DemoFailed problem)
{
    Console.Error.WriteLine($"demo: {problem.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("demo: stopped; everything it started is ended");
    return 130;
}
