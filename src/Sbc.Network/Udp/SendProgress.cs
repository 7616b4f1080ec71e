using Sbc.Network.Native;

namespace Sbc.Network;

/// <summary>
/// How far a batch has come through sendmmsg, and what to do after each answer of the kernel: go on, repeat, skip the
/// message that failed, or give up the rest.
/// </summary>
/// <remarks>
/// sendmmsg stops at the first message that fails and tells its error only when that message is the first of a call;
/// so a partial result says nothing yet, and the next call starts at the message that failed.
/// </remarks>
internal struct SendProgress(int count)
{
    /// <summary>
    /// A pending ICMP error costs one attempt; more of them can arrive between two attempts, and an error that is
    /// the message's own costs this many calls.
    /// </summary>
    internal const int AttemptsMax = 4;

    private int _attempts;

    /// <summary>The message the next call starts at.</summary>
    internal int Next { get; private set; }

    internal int Sent { get; private set; }

    /// <summary>The kernel stopped somewhere: the error queue may hold the reason.</summary>
    internal bool SawError { get; private set; }

    internal readonly bool IsDone => Next >= count;

    /// <param name="result">What sendmmsg returned for the messages from <see cref="Next"/> on.</param>
    /// <param name="error">errno when the result is negative.</param>
    internal void Take(int result, int error)
    {
        if (result > 0)
        {
            Sent += result;
            Next += result;
            _attempts = 0;
            SawError |= !IsDone;
            return;
        }
        switch (error)
        {
            case Errno.Interrupted:
                return;
            case Errno.Again:
                // The socket's send buffer is full, for the rest as for this one; waiting is not a worker's business.
                Next = count;
                return;
            default:
                SawError = true;
                if (Errno.MayBePending(error) && ++_attempts < AttemptsMax) return;
                // ENOBUFS (a full device queue, told because of IP_RECVERR), EINVAL, EPERM of a packet filter, an
                // address without a route: this message is lost, the others may go another way.
                Next++;
                _attempts = 0;
                return;
        }
    }
}
