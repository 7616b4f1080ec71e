namespace Sbc.Engine.Config;

/// <summary><c>balance</c>: how a group chooses among its peers that are up.</summary>
public enum BalanceMethod
{
    /// <summary>The one with the fewest active calls of ours.</summary>
    LeastCalls,
    RoundRobin,
    Weighted,
    TwoChoices,
    CallIdHash,
    SourceHash,
    Priority,
}
