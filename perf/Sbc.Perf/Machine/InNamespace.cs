using System.Runtime.InteropServices;

namespace Sbc.Perf.Machine;

/// <summary>Makes something in another network namespace: a socket stays where it was made.</summary>
internal static partial class InNamespace
{
    private const int Network = 0x40000000;

    public static T Make<T>(string? file, Func<T> make)
    {
        if (file is null) return make();
        T made = default!;
        Exception? failure = null;
        // A thread of its own: the namespace is a thread's, and this one ends with it.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(file);
                if (Enter((int)handle.DangerousGetHandle(), Network) != 0) throw new RowFailed($"setns {file}");
                made = make();
            }
            catch (Exception e) when (e is IOException or RowFailed or System.Net.Sockets.SocketException)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? made : throw new RowFailed(failure.Message);
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Enter(int descriptor, int kind);
}
