using Sbc.Perf.Machine;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Media;

/// <summary>This program: calls are set up through SIP, then its whole process is measured.</summary>
internal sealed class SbcPath(string name, SbcSetup setup) : MediaPath
{
    public override string Name => name;

    public override string? Missing(Workspace workspace) =>
        File.Exists(workspace.Sbc) ? null : $"{workspace.Sbc} is not there; make build leaves it";

    public override RunningMedia Start(Workspace workspace, string folder, int calls)
    {
        var process = SbcProgram.StartProcess(workspace, folder, setup.Configuration());
        SipEnds? ends = null;
        try
        {
            ends = new SipEnds(workspace.FarmNamespace);
            return new RunningMedia(process, [.. Enumerable.Range(0, calls).Select(ends.Open)], ends);
        }
        catch (RowFailed)
        {
            ends?.Dispose();
            process.Dispose();
            throw;
        }
    }
}
