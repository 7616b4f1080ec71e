using Sbc.Network.Native;
using Sbc.Runtime;

namespace Sbc.Network;

/// <summary>An eventfd that ends a <see cref="TurnLoop"/>'s wait. Any thread may wake.</summary>
/// <remarks>
/// It is watched edge-triggered and never read: each write is an event of its own, and its counter, one up for each
/// wake, does not fill in the life of a machine. That saves a read for each wake.
/// </remarks>
public sealed unsafe class WakeEvent : IWakeSignal, IDisposable
{
    private int _descriptor;

    /// <exception cref="NetworkException">Out of descriptors or memory.</exception>
    public WakeEvent() => _descriptor = NetworkException.ThrowIfFailed(
        PollCalls.EventDescriptor(0, PollCalls.EventNonBlocking | PollCalls.CloseOnExec), "cannot create an eventfd");

    internal int Descriptor => _descriptor;

    public void Wake()
    {
        ulong one = 1;
        nint written;
        do
        {
            written = PollCalls.Write(_descriptor, &one, sizeof(ulong));
        }
        while (written < 0 && Errno.Last == Errno.Interrupted);
        // A wake that is lost stops a worker for up to a second; better to know.
        Check.That(written == sizeof(ulong));
    }

    /// <summary>After every thread that may wake has stopped.</summary>
    public void Dispose()
    {
        if (_descriptor < 0) return;
        SocketCalls.Close(_descriptor);
        _descriptor = -1;
    }
}
