using Sbc.Perf.Subjects;

namespace Sbc.Perf.Media;

/// <summary>rtpengine, told of the calls over its ng protocol.</summary>
internal sealed class RtpenginePath : MediaPath
{
    public override string Name => "rtpengine, user space";
    public override string? Missing(Workspace workspace) => Workspace.MissingProgram("rtpengine");

    public override RunningMedia Start(Workspace workspace, string folder, int calls)
    {
        var process = Rtpengine.Start(workspace, folder);
        try
        {
            using var control = new RtpengineControl();
            return new RunningMedia(process, [.. Enumerable.Range(0, calls).Select(control.Open)]);
        }
        catch (RowFailed)
        {
            process.Dispose();
            throw;
        }
    }
}
