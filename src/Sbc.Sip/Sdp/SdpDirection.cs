namespace Sbc.Sip.Sdp;

/// <summary>RFC 8866 6.7: as seen by the one who wrote the description. sendrecv where nothing is said.</summary>
public enum SdpDirection : byte
{
    SendReceive,
    SendOnly,
    ReceiveOnly,
    Inactive,
}
