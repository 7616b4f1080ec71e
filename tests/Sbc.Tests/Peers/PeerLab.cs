using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Sbc.Tests.Peers;

/// <summary>The real box between two networks on loopback: edge 127.1.0.0/24, core 127.2.0.0/24.</summary>
public sealed class PeerLab : IDisposable
{
    public const string Edge = "127.1.0.1";
    public const string Core = "127.2.0.10";

    private readonly List<IDisposable> _started = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("sbc-peers-").FullName;
    private readonly HttpClient _http = new() { BaseAddress = new Uri("http://127.0.0.1:9060") };

    /// <summary>The box with these peers, groups and routes between its two realms.</summary>
    /// <param name="edge">More keys of the edge.</param>
    public PeerLab(string peersAndRoutes, string latching = "signalling", string edge = "")
    {
        string config = Write("sbc.yaml", $$"""
            realms:
              edge:
                listen: [udp://{{Edge}}:5060]
                media: {address: {{Edge}}, ports: 20000-23999, latching: {{latching}} }
                limits: {messages_per_second_per_source: 100000, registrations_per_second_per_source: 10000,
                  calls_per_second: 10000, calls_max: 50000}
                {{edge}}
              core:
                trust: trusted
                listen: [udp://{{Core}}:5060]
                media: {address: {{Core}}, ports: 20000-23999, latching: {{latching}} }
            {{peersAndRoutes}}
            """);
        Box = Start(Path.Combine(Root, "out", "sbc"), "run", "--config", config).WaitFor("sbc ready");
    }

    public static string Root { get; } = FindRoot();

    public PeerProcess Box { get; }

    /// <summary>A farm of two proxies, and phones on the edge.</summary>
    /// <param name="groupKeys">More keys of the group.</param>
    /// <param name="proxies">proxy-a at 127.2.0.21, proxy-b at 127.2.0.22, and so on.</param>
    public static PeerLab Farm(
        string groupKeys = ", probe: {interval_seconds: 1, down_after: 2, up_after: 2}", int proxies = 2)
    {
        string[] names = [.. Enumerable.Range(0, proxies).Select(i => $"proxy-{(char)('a' + i)}")];
        string peers = string.Join('\n', names.Select((name, i) =>
            $"  {name}: {{realm: core, uri: \"sip:127.2.0.{21 + i}:5060\"}}"));
        return new($$"""
            peers:
            {{peers}}
            groups:
              farm: {peers: [{{string.Join(", ", names)}}], balance: round_robin{{groupKeys}}}
            routes:
              - {name: inbound, from: edge, to: farm}
              - {name: outbound, from: core, to: request_uri, realm: edge}
            """);
    }

    /// <summary>Changes the box's configuration and has it reloaded, as an operator does.</summary>
    public bool Reload(Func<string, string> change)
    {
        Write("sbc.yaml", change(File.ReadAllText(Path.Combine(_folder, "sbc.yaml"))));
        using PeerProcess reload = Start(Path.Combine(Root, "out", "sbc"), "reload");
        return reload.WaitForExit(30) == 0;
    }

    public PeerProcess Start(string program, params string[] arguments)
    {
        var process = new PeerProcess(program, arguments);
        _started.Add(process);
        return process;
    }

    /// <summary>SIPp with a scenario of this folder, at an address of its own.</summary>
    public PeerProcess Sipp(string scenario, string address, params string[] arguments) => Sipp(scenario,
        Path.Combine(Root, "tests", "Sbc.Tests", "Peers", "scenarios", scenario + ".xml"), address, arguments);

    /// <summary>SIPp as one party of a flow, at an address of its own.</summary>
    public PeerProcess Sipp(SippFlow flow, string party, string address, params string[] arguments) => Sipp(
        $"{flow.Name}-{party}", Write($"{flow.Name}-{party}.xml", flow.ScenarioOf(party)), address, arguments);

    private PeerProcess Sipp(string name, string file, string address, string[] arguments) => Start("sipp", [
        "-sf", file, "-i", address, "-p", "5060", "-mi", address, "-nostdin", "-trace_err",
        "-error_file", Path.Combine(_folder, $"{name}-{address}.err"), .. arguments]);

    public string ErrorsOf(string scenario, string address)
    {
        string file = Path.Combine(_folder, $"{scenario}-{address}.err");
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    /// <summary>Kamailio with a configuration of this folder.</summary>
    public PeerProcess Kamailio(string address, string config = "kamailio.cfg") => Start(
        "kamailio", "-DD", "-E", "-m", "64", "-M", "8", "-n", "1", "-Y", _folder, "-f",
        Write(config, File.ReadAllText(Path.Combine(Root, "tests", "Sbc.Tests", "Peers", config))
            .Replace("ADDRESS", address, StringComparison.Ordinal).Replace("BOX", Core, StringComparison.Ordinal)));

    /// <summary>A folder for one program's files.</summary>
    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    public string Write(string name, string text)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Captures loopback into <see cref="CaptureFile"/> until it is stopped.</summary>
    public PeerProcess Capture() =>
        Start("tcpdump", "-i", "lo", "-n", "-s", "0", "-U", "-B", "65536", "-w", CaptureFile, "udp")
            .WaitFor("listening on");

    public string CaptureFile => Path.Combine(_folder, "capture.pcap");

    /// <summary>A page of the box's API.</summary>
    public JsonElement Api(string page)
    {
        using JsonDocument document = JsonDocument.Parse(_http.GetStringAsync($"/api/v1/{page}").GetAwaiter().GetResult());
        return document.RootElement.Clone();
    }

    /// <summary>A metric's value; several lines with the words are added up. NaN when there is none.</summary>
    public double Metric(string name, params string[] labels)
    {
        double sum = double.NaN;
        foreach (string line in _http.GetStringAsync("/metrics").GetAwaiter().GetResult().Split('\n'))
        {
            int end = line.AsSpan().IndexOfAny('{', ' ');
            if (end < 0 || line[..end] != name) continue;
            if (!labels.All(label => line.Contains(label, StringComparison.Ordinal))) continue;
            double value = double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            sum = double.IsNaN(sum) ? value : sum + value;
        }
        return sum;
    }

    /// <summary>A peer counts as up from the start; this says that it has answered probes.</summary>
    public bool HasAnswered(string peer) =>
        Metric("sbc_peer_up", $"\"{peer}\"") == 1 && Metric("sbc_peer_responses_total", $"\"{peer}\"", "\"2xx\"") >= 2;

    public static bool Within(int seconds, Func<bool> holds)
    {
        long end = Environment.TickCount64 + (seconds * 1000L);
        while (Environment.TickCount64 < end)
        {
            if (holds()) return true;
            Thread.Yield();
            using var pause = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            pause.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            pause.Poll(20_000, SelectMode.SelectRead);
        }
        return holds();
    }

    public void Dispose()
    {
        for (int i = _started.Count - 1; i >= 0; i--) _started[i].Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Sbc.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests run outside of the repository");
    }
}
