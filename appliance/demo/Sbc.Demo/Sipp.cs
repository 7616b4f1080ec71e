namespace Sbc.Demo;

/// <summary>SIPp as the phones at the edge and as the proxies of the farm.</summary>
internal static class Sipp
{
    /// <summary>Answers calls, plays their RTP back, and answers the OPTIONS that ask whether it is alive.</summary>
    public static Child Proxy(string name, string address, string folder) => new(
        name, folder, "sipp", [.. Common(name, "proxy.xml", address, folder), "-aa", "-rtp_echo",
            "-mp", $"{Plan.EchoPort}"]);

    public static Child Phones(string folder)
    {
        IEnumerable<string> ports = Enumerable.Range(0, Plan.Calls).Select(phone => $"{Plan.PhonePort(phone)};");
        File.WriteAllLines(Path.Combine(folder, "ports.csv"), ["SEQUENTIAL", .. ports]);
        return new Child("phones", folder, "sipp", [.. Common("phones", "caller.xml", Plan.Phones, folder),
            "-inf", "ports.csv", "-s", "farm", "-d", $"{Plan.HoldMs}",
            "-m", $"{Plan.Calls}", "-r", $"{Plan.CallsPerSecond}", "-l", $"{Plan.Calls}",
            "-trace_logs", "-log_file", "answered.log", $"{Plan.Edge}:{Plan.SipPort}"]);
    }

    /// <summary>Statistics once a second, all messages, and what SIPp did not expect.</summary>
    private static string[] Common(string name, string scenario, string address, string folder) =>
    [
        "-sf", Path.GetFullPath($"appliance/demo/scenarios/{scenario}"),
        "-i", address, "-p", $"{Plan.SipPort}", "-mi", address, "-nostdin",
        "-trace_stat", "-stf", Path.Combine(folder, $"{name}.csv"), "-fd", "1",
        "-trace_msg", "-message_file", Path.Combine(folder, $"{name}.messages"),
        "-trace_err", "-error_file", Path.Combine(folder, $"{name}.errors"),
    ];
}
