namespace Sbc.Engine.Config;

/// <summary><c>media.datapath</c>: what forwards RTP packets.</summary>
public enum MediaDatapath
{
    /// <summary>The best that this version and this machine have.</summary>
    Auto,

    /// <summary>User space, through sockets.</summary>
    Sockets,

    /// <summary>eBPF in the kernel.</summary>
    Kernel,
}
