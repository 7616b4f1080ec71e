using Sbc.Engine.Pipeline;
using Sbc.Engine.Rewriting;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Routing;

/// <summary>The rules of one worker: which route a request takes, and what is rewritten on it.</summary>
public sealed class RouteTable
{
    /// <summary>By row of the realm.</summary>
    public required RouteList[] ByRealm { get; init; }

    /// <summary>By row of the peer; null: no rule names it, and those of its realm hold.</summary>
    public required RouteList?[] ByPeer { get; init; }

    /// <summary>By row of the route; null: nothing is rewritten.</summary>
    public required Rewrite?[] Rewrites { get; init; }

    /// <summary>First match wins; null without one.</summary>
    /// <param name="request">Any method.</param>
    /// <param name="origin">Realm, peer and source address.</param>
    /// <param name="requestUri">Its own, or a target of a redirect.</param>
    /// <param name="minuteOfWeek">Local time, from Monday 0:00.</param>
    public Route? Match(SipMessage request, in Origin origin, ReadOnlySpan<byte> requestUri, int minuteOfWeek)
    {
        RouteList? list = origin.Peer is { } peer && peer.Id < ByPeer.Length ? ByPeer[peer.Id] : null;
        SipUri.TryParse(requestUri, out SipUri uri);
        var question = new RouteQuestion
        {
            Request = request,
            Origin = origin,
            RequestUri = requestUri,
            User = uri.User,
            MinuteOfWeek = minuteOfWeek,
        };
        return (list ?? ByRealm[origin.Realm.Id]).Match(question);
    }

    public Rewrite? RewriteOf(int route) => (uint)route < (uint)Rewrites.Length ? Rewrites[route] : null;
}
