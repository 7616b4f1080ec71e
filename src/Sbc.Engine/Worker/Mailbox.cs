using System.Collections.Concurrent;

namespace Sbc.Engine.Worker;

/// <summary>What the control thread asks of a worker; answered on the worker's thread, between packets.</summary>
public enum ControlKind : byte
{
    ListCalls,

    /// <summary>BYE on both legs of every call.</summary>
    EndCalls,

    /// <summary>All bindings of an address-of-record.</summary>
    RemoveRegistrations,

    /// <summary>The box stops: its registrations at peers end, and the subscriptions to it.</summary>
    Unregister,
}

/// <summary>A call as the admin interface shows it.</summary>
public sealed record CallSummary(
    string Id, string State, string Route, string From, string To, string? IngressPeer, string? EgressPeer,
    string IngressRealm, string EgressRealm, double DurationSeconds, IReadOnlyList<MediaSummary> Media);

/// <summary>One request to one worker. The answer is complete when the task is.</summary>
public sealed class ControlRequest(ControlKind kind)
{
    public ControlKind Kind { get; } = kind;

    /// <summary>For EndCalls: the value of the Reason header's text.</summary>
    public string Reason { get; init; } = "";

    /// <summary>For RemoveRegistrations: whose, in the canonical form.</summary>
    public byte[] Aor { get; init; } = [];

    /// <summary>Of RemoveRegistrations: how many there were.</summary>
    public TaskCompletionSource<int> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource<IReadOnlyList<CallSummary>> Answer { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A bounded queue from any thread to one worker.</summary>
public sealed class Mailbox<T>(int lettersMax)
    where T : class
{
    private readonly ConcurrentQueue<T> _letters = new();

    public bool IsEmpty => _letters.IsEmpty;

    public bool TryPost(T letter)
    {
        if (_letters.Count >= lettersMax) return false;
        _letters.Enqueue(letter);
        return true;
    }

    public bool TryTake(out T? letter) => _letters.TryDequeue(out letter);
}
