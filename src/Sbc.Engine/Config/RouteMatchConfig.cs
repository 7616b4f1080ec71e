namespace Sbc.Engine.Config;

/// <summary><c>match</c> of a route: all that is given must hold.</summary>
public sealed record RouteMatchConfig
{
    /// <summary><c>method</c>: one of these. Empty: any.</summary>
    public IReadOnlyList<string> Methods { get; init; } = [];

    /// <summary><c>request_user</c>: a regular expression over the user of the Request-URI. Null: any.</summary>
    public string? RequestUser { get; init; }

    /// <summary><c>request_uri</c>: a regular expression over the whole Request-URI. Null: any.</summary>
    public string? RequestUri { get; init; }

    /// <summary><c>from</c>: a regular expression over the URI of From. Null: any.</summary>
    public string? From { get; init; }

    /// <summary><c>to</c>: a regular expression over the URI of To. Null: any.</summary>
    public string? To { get; init; }

    /// <summary><c>table</c>: the user of the Request-URI has a prefix there. Null: not asked.</summary>
    public TableMatchConfig? Table { get; init; }

    /// <summary><c>time</c>: it is one of these times, by the clock of the machine. Empty: at any.</summary>
    public IReadOnlyList<WeekHours> Times { get; init; } = [];

    /// <summary><c>source</c>: the packet came from one of these. Empty: from anywhere.</summary>
    public IReadOnlyList<IPPrefix> Sources { get; init; } = [];

    /// <summary><c>header</c>: header name to regular expression.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
