using Sbc.Engine.Worker;
using Sbc.Runtime;

namespace Sbc.Engine.Calls;

/// <summary>Ends the one call whose handler threw; an exception that belongs to no call is not caught.</summary>
public sealed class CallGuard(Workspace work, CallTable calls, CallEnding ending, InviteFlow invites)
{
    private const long LogIntervalMicroseconds = 1_000_000;

    private Instant _logAt;

    /// <summary>
    /// For the filter of a catch: true when a call was being worked on, which is then over. The caller counts it.
    /// </summary>
    public bool Ends(Exception error)
    {
        Handle handle = work.CallAtWork;
        // Without memory nothing can be ended in order either.
        if (error is OutOfMemoryException || !calls.IsLive(handle)) return false;
        work.CallAtWork = Handle.None;
        handle = calls.Root(handle);
        if (work.Now >= _logAt)
        {
            _logAt = work.Now.AddMicroseconds(LogIntervalMicroseconds);
            int realm = calls[handle].Legs[CallState.Ingress].Realm;
            work.Log(new LogRecord(LogKind.InternalError, realm, error.HResult,
                calls[handle].Legs[CallState.Ingress].Flow));
        }
        End(handle);
        return true;
    }

    private void End(Handle handle)
    {
        try
        {
            if (calls[handle].Phase == CallPhase.Setup) invites.Refuse(handle, 500);
            else ending.EndBothLegs(handle, "Reason: SIP;cause=500;text=\"Internal error\"\r\n"u8);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // Its state is beyond a BYE: at least it holds nothing any more. What throws here stops the process.
            if (calls.IsLive(handle)) ending.Discard(handle);
        }
    }
}
