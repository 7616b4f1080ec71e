using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>The media of calls: bodies rewritten on their way between the legs, ports opened and closed.</summary>
public sealed class CallMedia
{
    public bool TryRequestBody(Handle call, int fromLeg, SipMessage request, out ReadOnlySpan<byte> body, out int refusal)
    {
        body = request.Body;
        refusal = 0;
        return true;
    }

    public ReadOnlySpan<byte> ResponseBody(Handle call, int fromLeg, SipMessage response) => response.Body;

    public bool HasEvents => false;

    public void Attach(CallTable calls, DialogFlow dialogs)
    {
    }

    public void TakeEvents()
    {
    }

    public void Flush()
    {
    }

    public void OnTimer()
    {
    }

    public void OnAnswered(Handle call)
    {
    }

    public void Close(Handle call)
    {
    }
}
