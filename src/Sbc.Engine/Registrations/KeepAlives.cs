using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Framing;
using Sbc.Sip.Message;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Answers STUN binding requests on the SIP port (RFC 5626 4.4.2, 8): phones behind NAT keep their flow open by them,
/// and learn when it has moved.
/// </summary>
/// <remarks>
/// Where there is a registrar and NAT is looked for. An answer has 12 bytes more than the shortest request (24 over
/// IPv6), and the limit of messages of a source has passed it: nobody is flooded from here.
/// </remarks>
public sealed class KeepAlives(Workspace work)
{
    public bool TryAnswer(ReadOnlySpan<byte> packet, Realm realm, in PacketHeader header)
    {
        if (!realm.NatAuto || work.Snapshot.Registrar is null || !StunBinding.IsRequest(packet)) return false;
        Span<byte> slot = work.Outbox.Open();
        int length = StunBinding.Write(packet, header.Remote, slot);
        work.Outbox.Commit(length, header.Port, header.Remote, SipMethod.Other);
        return true;
    }
}
