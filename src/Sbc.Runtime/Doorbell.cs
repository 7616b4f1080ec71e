namespace Sbc.Runtime;

/// <summary>Wakes a sleeping thread; an eventfd under the kernel, nothing in the simulator.</summary>
public interface IWakeSignal
{
    void Wake();
}

/// <summary>
/// The wake protocol of a worker. A producer pushes, then calls <see cref="Ring"/>; the consumer calls
/// <see cref="PrepareToSleep"/>, looks at its rings once more, waits, and calls <see cref="Awake"/>.
/// </summary>
/// <remarks>A wake across processors costs 12 to 16 us, a ring at a consumer that is awake 0.2 us.</remarks>
public sealed class Doorbell(IWakeSignal signal)
{
    private int _sleeping;

    public void Ring()
    {
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeping) != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0) signal.Wake();
    }

    public void PrepareToSleep()
    {
        Volatile.Write(ref _sleeping, 1);
        Interlocked.MemoryBarrier();
    }

    public void Awake() => Volatile.Write(ref _sleeping, 0);
}

/// <summary>The wake signal of a worker that never sleeps by itself: in the simulator and in benchmarks.</summary>
public sealed class NoWakeSignal : IWakeSignal
{
    public void Wake()
    {
    }
}
