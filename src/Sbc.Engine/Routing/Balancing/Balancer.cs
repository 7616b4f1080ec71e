namespace Sbc.Engine.Routing.Balancing;

/// <summary>Chooses the member of a group for one attempt of a call.</summary>
public static class Balancer
{
    /// <inheritdoc cref="RoundRobin.Choose"/>
    public static int Choose(Group group, ulong tried, SharedCells cells) => group.Balance switch
    {
        Balance.LeastCalls => LeastCalls.Choose(group, tried, cells),
        _ => RoundRobin.Choose(group, tried, cells),
    };
}
