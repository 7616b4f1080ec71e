namespace Sbc.Engine.Config;

/// <summary><c>guard.kernel</c>: whether bans are also enforced in the kernel.</summary>
public enum KernelUse
{
    /// <summary>Where the machine allows it.</summary>
    Auto,
    Off,

    /// <summary>Refuse to start without it.</summary>
    Required,
}
