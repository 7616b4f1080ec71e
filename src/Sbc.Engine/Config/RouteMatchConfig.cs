namespace Sbc.Engine.Config;

/// <summary><c>match</c> of a route: all that is given must hold.</summary>
public sealed record RouteMatchConfig
{
    /// <summary><c>method</c>: one of these. Empty: any.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary><c>request_user</c>: a regular expression over the user of the Request-URI. Null: any.</summary>
    public string? RequestUser { get; init; }

    /// <summary><c>source</c>: the packet came from one of these. Empty: from anywhere.</summary>
    public IReadOnlyList<IPPrefix> Sources { get; init; } = [];

    /// <summary><c>header</c>: header name to regular expression.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
