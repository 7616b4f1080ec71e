using Sbc.Engine.Routing;
using Sbc.Runtime;

namespace Sbc.Engine.Pipeline;

/// <summary>Where a message came in: address, listener, realm, and the peer it is from, if it is one.</summary>
public readonly record struct Origin(TransportAddress Source, int Listener, Realm Realm, Peer? Peer);
