namespace Sbc.Engine.Config;

/// <summary><c>to</c> of a route.</summary>
public sealed record RouteTarget
{
    public const string RequestUriWord = "request_uri";
    public const string RegisteredWord = "registered";

    public required RouteTargetKind Kind { get; init; }

    /// <summary>Peers and groups in the order they are tried; empty for the other kinds.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary><c>table</c>: the value of the longest prefix names the peer or group; without one the next route is
    /// tried. Empty for the other kinds.</summary>
    public string Table { get; init; } = "";

    /// <summary><c>reject</c>: the status to answer, 400 to 699.</summary>
    public int RejectStatus { get; init; }

    /// <summary><c>reason</c>: the phrase to answer. Null: the RFC's own for that status.</summary>
    public string? RejectReason { get; init; }

    public static RouteTarget Reject(int status, string? reason = null) =>
        new() { Kind = RouteTargetKind.Reject, RejectStatus = status, RejectReason = reason };

    /// <param name="word">A name, or one of the two words that are no names.</param>
    public static RouteTarget Of(string word) => word switch
    {
        RequestUriWord => new RouteTarget { Kind = RouteTargetKind.RequestUri },
        RegisteredWord => new RouteTarget { Kind = RouteTargetKind.Registered },
        _ => Named([word]),
    };

    public static RouteTarget Named(IReadOnlyList<string> names) =>
        new() { Kind = RouteTargetKind.Named, Names = names };
}
