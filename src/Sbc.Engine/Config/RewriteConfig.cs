using Sbc.Engine.Rewriting;

namespace Sbc.Engine.Config;

/// <summary><c>rewrite</c> of a route: what changes in messages on their way.</summary>
public sealed record RewriteConfig
{
    /// <summary><c>to_target</c>: messages on their way to where the route leads, in order.</summary>
    public IReadOnlyList<RewriteRuleConfig> ToTarget { get; init; } = [];

    /// <summary><c>to_caller</c>: messages on their way back.</summary>
    public IReadOnlyList<RewriteRuleConfig> ToCaller { get; init; } = [];

    /// <summary><c>status</c>: final responses to a new call that become others on their way back.</summary>
    public IReadOnlyDictionary<int, int> Statuses { get; init; } = new Dictionary<int, int>();
}

/// <summary>One of <c>{set: HEADER, value: TEXT}</c>, <c>{add: HEADER, value: TEXT}</c>, <c>{remove: HEADER}</c> and
/// <c>{replace: FIELD, match: EXPRESSION, with: TEXT}</c>.</summary>
/// <param name="Action">Which of the four.</param>
/// <param name="Field">A header's name, or request_user, request_uri, from_user, to_user.</param>
/// <param name="Match">The expression of replace; null for the others.</param>
/// <param name="Value">The new value, or what takes the place of a match.</param>
public sealed record RewriteRuleConfig(RewriteAction Action, string Field, string? Match, string Value);
