using Sbc.Perf.Machine;

namespace Sbc.Perf.Subjects;

/// <summary>
/// Kamailio with one of the configurations in perf/kamailio: two workers, nothing logged, and f_malloc,
/// with which the stateless row spent about half the CPU that it does with the packaged default.
/// </summary>
internal sealed class Kamailio(string name, string configuration, params string[] defines) : Subject
{
    public override string Name => name;
    /// <summary>Shared memory that it may use.</summary>
    public int SharedMegabytes { get; init; } = 512;

    public override bool HidesTopology => defines.Contains("TOPOH");
    public override bool AnchorsMedia => defines.Contains("RTPENGINE");

    public override string? Missing(Workspace workspace) =>
        Workspace.MissingProgram(AnchorsMedia ? ["kamailio", "rtpengine"] : ["kamailio"]);

    public override RunningSubject Start(Workspace workspace, string folder)
    {
        var list = Path.Combine(folder, "dispatcher.list");
        File.WriteAllText(list, $"1 sip:{Topology.Farm}:{Topology.SipPort}\n");
        foreach (var file in Directory.EnumerateFiles(workspace.KamailioConfigurations, "*.cfg"))
            File.WriteAllText(Path.Combine(folder, Path.GetFileName(file)),
                File.ReadAllText(file).Replace("DISPATCHER_LIST", list, StringComparison.Ordinal)
                    .Replace("/usr/lib/x86_64-linux-gnu/kamailio/modules/", FindModules(), StringComparison.Ordinal));
        var helpers = AnchorsMedia ? new[] { Rtpengine.Start(workspace, folder) } : [];
        var arguments = new List<string>
        {
            "-f", Path.Combine(folder, configuration), "-DD", "-E", "-Y", folder,
            "-m", $"{SharedMegabytes}", "-M", "16", "-X", "fm", "-x", "fm",
        };
        foreach (var define in defines) arguments.AddRange(["-A", define]);
        var process = ChildProcess.Start("kamailio", arguments, folder, "kamailio");
        var running = new RunningSubject([process, .. helpers]);
        BoundPorts.Wait(Topology.Edge, Topology.SipPort, process);
        Thread.Sleep(500);                     // its workers are forked after the socket is bound
        return running;
    }

    private static string FindModules() =>
        Directory.EnumerateDirectories("/usr/lib").Select(d => Path.Combine(d, "kamailio", "modules"))
            .FirstOrDefault(Directory.Exists) + "/";
}
