using Sbc.Perf.Machine;

namespace Sbc.Perf.Subjects;

/// <summary>
/// One row of the signalling table: a box between the caller and the farm. A new row is a class like the ones
/// beside this, and a line in <see cref="SignallingRows"/>.
/// </summary>
internal abstract class Subject
{
    public abstract string Name { get; }

    /// <summary>The answerer must not see the caller's addresses, nor the caller the answerer's.</summary>
    public virtual bool HidesTopology => false;

    /// <summary>The SDP must name the box on both sides.</summary>
    public virtual bool AnchorsMedia => false;

    /// <summary>The caller sends each call from a port of its own.</summary>
    public virtual bool ManyPorts => false;

    /// <summary>Why the row cannot run on this machine; null when it can.</summary>
    public abstract string? Missing(Workspace workspace);

    /// <summary>Starts the box and returns when it serves; throws <see cref="RowFailed"/>.</summary>
    public abstract RunningSubject Start(Workspace workspace, string folder);
}

/// <summary>The processes of a row while it runs; the first is the box itself, others help it.</summary>
internal sealed class RunningSubject(params ChildProcess[] processes) : IDisposable
{
    public long CpuNanoseconds => processes.Sum(p => ProcessTree.CpuNanoseconds(p.Id));
    public long HelpersCpuNanoseconds => processes.Skip(1).Sum(p => ProcessTree.CpuNanoseconds(p.Id));
    public long ResidentBytes => processes.Sum(p => ProcessTree.ResidentBytes(p.Id));

    public void ThrowIfEnded()
    {
        foreach (var process in processes)
            if (process.HasExited) throw new RowFailed($"ended by itself: {process.LogTail()}");
    }

    public void Dispose()
    {
        foreach (var process in processes) process.Dispose();
    }
}
