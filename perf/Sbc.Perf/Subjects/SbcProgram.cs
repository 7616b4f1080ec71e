using Sbc.Perf.Machine;

namespace Sbc.Perf.Subjects;

/// <summary>How this program is set up for a row.</summary>
internal sealed record SbcSetup(string Workers, bool Media = false, string Mode = "call", string Datapath = "auto")
{
    /// <summary>
    /// The samples' two realms. What strangers may do is raised out of the way and not switched off: every message
    /// still passes the guard and the counting.
    /// </summary>
    public string Configuration() => $$"""
        workers: {{Workers}}
        media_workers: {{Workers}}
        realms:
          edge:
            trust: untrusted
            listen: [udp://{{Topology.Edge}}:{{Topology.SipPort}}]
        {{(Media ? MediaOf(Topology.Edge) : "")}}    limits:
              messages_per_second_per_source: 1000000
              calls_per_second: 100000
              calls_max: 200000
          core:
            trust: trusted
            listen: [udp://{{Topology.Core}}:{{Topology.SipPort}}]
        {{(Media ? MediaOf(Topology.Core) : "")}}peers:
          farm-1: {realm: core, uri: "sip:{{Topology.Farm}}:{{Topology.SipPort}}"}
        groups:
          farm:
            peers: [farm-1]
            balance: {{(Mode == "forward" ? "call_id_hash" : "least_calls")}}
        routes:
          - {name: inbound, from: edge, to: farm, mode: {{Mode}}}
        guard: {kernel: off}
        media: {datapath: {{Datapath}}}
        admin: {listen: "http://127.0.0.1:{{Topology.AdminPort}}"}

        """;

    private static string MediaOf(string address) =>
        $"    media: {{address: {address}, ports: {Topology.MediaFirst}-{Topology.MediaLast}}}\n";
}

/// <summary>This program.</summary>
internal sealed class SbcProgram(string name, SbcSetup setup, bool manyPorts = false) : Subject
{
    public override string Name => name;
    public override bool HidesTopology => setup.Mode == "call";
    public override bool AnchorsMedia => setup.Media;
    public override bool ManyPorts => manyPorts;

    public override string? Missing(Workspace workspace) =>
        File.Exists(workspace.Sbc) ? null : $"{workspace.Sbc} is not there; make build leaves it";

    public override RunningSubject Start(Workspace workspace, string folder) =>
        new(StartProcess(workspace, folder, setup.Configuration()));

    public static ChildProcess StartProcess(Workspace workspace, string folder, string configuration)
    {
        var file = Path.Combine(folder, "sbc.yaml");
        File.WriteAllText(file, configuration);
        var process = workspace.StartInBox(workspace.Sbc, ["run", "--config", file], folder, "sbc");
        try
        {
            process.WaitForText("sbc ready", TimeSpan.FromSeconds(15));
        }
        catch (RowFailed)
        {
            process.Dispose();
            throw;
        }
        return process;
    }
}
