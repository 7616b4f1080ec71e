using System.Runtime.InteropServices;

namespace Sbc.Network.Native;

/// <summary>Socket system calls as libc has them: negative is failure, errno by Marshal.GetLastPInvokeError.</summary>
/// <remarks>No SuppressGCTransition: a socket call takes microseconds, and a collection would wait for it.</remarks>
internal static unsafe partial class SocketCalls
{
    private const string Libc = "libc";

    [LibraryImport(Libc, EntryPoint = "socket", SetLastError = true)]
    internal static partial int Socket(int family, int type, int protocol);

    [LibraryImport(Libc, EntryPoint = "bind", SetLastError = true)]
    internal static partial int Bind(int descriptor, void* name, uint nameLength);

    [LibraryImport(Libc, EntryPoint = "getsockname", SetLastError = true)]
    internal static partial int GetSocketName(int descriptor, void* name, uint* nameLength);

    [LibraryImport(Libc, EntryPoint = "setsockopt", SetLastError = true)]
    internal static partial int SetOption(int descriptor, int level, int option, void* value, uint length);

    [LibraryImport(Libc, EntryPoint = "getsockopt", SetLastError = true)]
    internal static partial int GetOption(int descriptor, int level, int option, void* value, uint* length);

    [LibraryImport(Libc, EntryPoint = "recvmmsg", SetLastError = true)]
    internal static partial int ReceiveMany(
        int descriptor, MultiMessage* messages, uint count, int flags, void* timeout);

    [LibraryImport(Libc, EntryPoint = "sendmmsg", SetLastError = true)]
    internal static partial int SendMany(int descriptor, MultiMessage* messages, uint count, int flags);

    [LibraryImport(Libc, EntryPoint = "recvmsg", SetLastError = true)]
    internal static partial nint ReceiveMessage(int descriptor, MessageHeader* message, int flags);

    [LibraryImport(Libc, EntryPoint = "recvfrom", SetLastError = true)]
    internal static partial nint ReceiveFrom(
        int descriptor, void* buffer, nuint length, int flags, void* name, uint* nameLength);

    [LibraryImport(Libc, EntryPoint = "sendto", SetLastError = true)]
    internal static partial nint SendTo(
        int descriptor, void* buffer, nuint length, int flags, void* name, uint nameLength);

    [LibraryImport(Libc, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);
}
