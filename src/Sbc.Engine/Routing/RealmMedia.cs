using Sbc.Media;
using Sbc.Runtime;

namespace Sbc.Engine.Routing;

/// <summary>Where a realm's media is anchored, and what its SDP says of it.</summary>
/// <param name="Relay">Addresses to bind, and the ports.</param>
/// <param name="AdvertisedIPv4">What SDP names; the bound address itself without `advertise`.</param>
public sealed record RealmMedia(MediaRealm Relay, TransportAddress AdvertisedIPv4, TransportAddress AdvertisedIPv6);
