using System.Collections.Concurrent;

namespace Sbc.Engine.Worker;

/// <summary>What the control thread asks of a worker; answered on the worker's thread, between packets.</summary>
public enum ControlKind : byte
{
    ListCalls,

    /// <summary>BYE on both legs of every call.</summary>
    EndCalls,

    /// <summary>The box stops: its registrations at peers end.</summary>
    Unregister,
}

/// <summary>A call as the admin interface shows it.</summary>
public sealed record CallSummary(
    string Id, string State, string Route, string From, string To, string? IngressPeer, string? EgressPeer,
    string IngressRealm, string EgressRealm, double DurationSeconds);

/// <summary>One request to one worker. The answer is complete when the task is.</summary>
public sealed class ControlRequest(ControlKind kind)
{
    public ControlKind Kind { get; } = kind;

    /// <summary>For EndCalls: the value of the Reason header's text.</summary>
    public string Reason { get; init; } = "";

    public TaskCompletionSource<IReadOnlyList<CallSummary>> Answer { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A bounded queue from any thread to one worker.</summary>
public sealed class Mailbox
{
    private readonly ConcurrentQueue<ControlRequest> _requests = new();

    public bool IsEmpty => _requests.IsEmpty;

    public bool TryPost(ControlRequest request)
    {
        if (_requests.Count >= Limits.MailboxMax) return false;
        _requests.Enqueue(request);
        return true;
    }

    public bool TryTake(out ControlRequest? request) => _requests.TryDequeue(out request);
}
