namespace Sbc.Engine.Registrations;

/// <summary>Bindings of the whole box and their limit: one cell, touched when a binding comes or goes.</summary>
internal sealed class LocationCount
{
    private long _count;
    private long _limit = Limits.BindingsMax;

    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    public long Count => Volatile.Read(ref _count);

    public bool TryTake()
    {
        if (Interlocked.Increment(ref _count) <= Limit) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    public void Return() => Interlocked.Decrement(ref _count);
}
