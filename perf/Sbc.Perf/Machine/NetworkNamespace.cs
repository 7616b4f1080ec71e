using System.Diagnostics;

namespace Sbc.Perf.Machine;

/// <summary>
/// Network and process namespaces of the harness's own: nothing of the load reaches the machine's network, and
/// every process started inside ends with the namespace, whatever happens to the harness.
/// </summary>
internal static class NetworkNamespace
{
    private const string Mark = "SBC_PERF_NAMESPACE";

    public static bool IsInside => Environment.GetEnvironmentVariable(Mark) == "1";

    public static int RunInside(string[] args)
    {
        var start = new ProcessStartInfo("setpriv");
        // The namespace goes with this process, however it ends.
        foreach (var part in new[] { "--pdeathsig", "KILL", "unshare" }) start.ArgumentList.Add(part);
        if (Environment.UserName != "root") start.ArgumentList.Add("--map-root-user");
        foreach (var flag in new[] { "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--" })
            start.ArgumentList.Add(flag);
        start.ArgumentList.Add(Environment.ProcessPath!);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Sbc.Perf.dll"));
        foreach (var argument in args) start.ArgumentList.Add(argument);
        start.Environment[Mark] = "1";
        using var inside = Process.Start(start)!;
        inside.WaitForExit();
        return inside.ExitCode;
    }

    public static bool BringUpLoopback()
    {
        using var ip = Process.Start("ip", ["link", "set", "lo", "up"]);
        ip.WaitForExit();
        if (ip.ExitCode != 0) Console.Error.WriteLine("perf: the loopback of the namespace stays down");
        return ip.ExitCode == 0;
    }
}
