namespace Sbc.Sip.Sdp;

/// <summary>
/// The fields of o= (RFC 8866 5.2). Empty where the line has not exactly six fields: it is replaced anyway.
/// </summary>
public readonly record struct SdpOrigin(
    SdpRange UserName,
    SdpRange SessionId,
    SdpRange SessionVersion,
    SdpRange NetworkType,
    SdpRange AddressType,
    SdpRange Address);
