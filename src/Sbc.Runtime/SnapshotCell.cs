namespace Sbc.Runtime;

/// <summary>Holds the current immutable snapshot: one volatile write to publish, one volatile read a batch.</summary>
public sealed class SnapshotCell<T>(T first)
    where T : class
{
    private T _current = first;

    public T Current => Volatile.Read(ref _current);

    public void Publish(T next) => Volatile.Write(ref _current, next);
}
