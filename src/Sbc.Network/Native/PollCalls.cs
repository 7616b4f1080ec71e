using System.Runtime.InteropServices;

namespace Sbc.Network.Native;

/// <summary>epoll and eventfd as libc has them: negative is failure, errno by Marshal.GetLastPInvokeError.</summary>
internal static unsafe partial class PollCalls
{
    internal const uint PollIn = 0x1;
    internal const uint PollError = 0x8;
    internal const uint EdgeTriggered = 1u << 31;
    internal const int ControlAdd = 1;
    internal const int ControlDelete = 2;
    internal const int ControlModify = 3;
    internal const int CloseOnExec = 0x80000;
    internal const int EventNonBlocking = 0x800;

    private const string Libc = "libc";

    [LibraryImport(Libc, EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int Create(int flags);

    [LibraryImport(Libc, EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int Control(int poll, int operation, int descriptor, void* pollEvent);

    [LibraryImport(Libc, EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int Wait(int poll, void* events, int eventsMax, int timeoutMilliseconds);

    /// <summary>Linux 5.11 and glibc 2.35; older ones have no such symbol or answer ENOSYS.</summary>
    [LibraryImport(Libc, EntryPoint = "epoll_pwait2", SetLastError = true)]
    internal static partial int WaitPrecisely(
        int poll, void* events, int eventsMax, TimeSpecification* timeout, void* signalMask);

    [LibraryImport(Libc, EntryPoint = "eventfd", SetLastError = true)]
    internal static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport(Libc, EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, void* bytes, nuint length);
}
