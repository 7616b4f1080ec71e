namespace Sbc.Network.Dns;

/// <summary>What is looked up by RFC 3263, with the words of the protocol as arguments.</summary>
/// <param name="Name">The host name, or the whole SRV name.</param>
/// <param name="Port">Written: addresses only (4.2). 0: SRV first.</param>
/// <param name="Default">The port where neither SRV nor the configuration says one.</param>
/// <param name="NaptrService">Service of NAPTR that is understood, such as SIP+D2U; null: NAPTR is not asked, as the
/// transport is given (4.1).</param>
/// <param name="SrvPrefix">In front of the name where no NAPTR says an SRV name, such as _sip._udp; null: the name is
/// one itself.</param>
/// <param name="IPv4">Addresses of that family can be reached.</param>
/// <param name="IPv6">Addresses of that family can be reached.</param>
public sealed record LocationQuery(
    string Name, int Port, int Default, string? NaptrService, string? SrvPrefix, bool IPv4, bool IPv6);
