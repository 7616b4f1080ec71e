using Sbc.Engine.Pipeline;
using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Engine.Worker;

/// <summary>How a call ended, as sbc_calls_total says it.</summary>
public enum CallResult : byte
{
    Answered,
    Busy,
    NoAnswer,
    Cancelled,
    Rejected,
    Failed,
}

/// <summary>Which part of a call's set-up a histogram measures.</summary>
public enum SetupStage : byte
{
    Ringing,
    Answer,
}

/// <summary>What a worker counts: one writer, read by the metrics at any time. Rows never move.</summary>
public sealed class WorkerCounters
{
    public const int Transports = 1;

    /// <summary>1xx to 6xx, timeout, transport.</summary>
    public const int PeerClasses = 8;

    public const int PeerClassTimeout = 6;
    public const int PeerClassTransport = 7;

    /// <summary>Upper bounds of the set-up histogram's buckets in milliseconds; the last one is open.</summary>
    public static readonly int[] SetupBoundsMilliseconds =
        [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

    private readonly long[] _verdicts = new long[Enum.GetValues<VerdictKind>().Length];
    private readonly long[] _messagesIn = new long[Limits.RealmsMax * SipMethods.Count];
    private readonly long[] _messagesOut = new long[Limits.RealmsMax * SipMethods.Count];
    private readonly long[] _findings = new long[Enum.GetValues<AuditFinding>().Length];
    private readonly long[] _dropped = new long[Limits.RealmsMax * DropReasons.Count];
    private readonly long[] _calls = new long[Limits.RoutesMax * 6];
    private readonly long[] _peerResponses = new long[Limits.PeersMax * PeerClasses];
    private readonly long[] _setup = new long[2 * (SetupBoundsMilliseconds.Length + 1)];
    private readonly long[] _setupMicroseconds = new long[2 * (SetupBoundsMilliseconds.Length + 1)];
    private readonly long[] _sourceChanges = new long[Limits.RealmsMax];
    private readonly long[] _authFailures = new long[Limits.RealmsMax];
    private readonly long[] _authUnheard = new long[Limits.RealmsMax];
    private readonly long[] _registrations = new long[Enum.GetValues<RegistrationResult>().Length];
    private long _received;
    private long _handedIn;
    private long _sent;
    private long _active;

    public long Received => Volatile.Read(ref _received);

    public long HandedIn => Volatile.Read(ref _handedIn);

    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Calls in set-up or answered; challenged ones that wait for credentials do not count.</summary>
    public long CallsActive => Volatile.Read(ref _active);

    public long Verdicts(VerdictKind kind) => Volatile.Read(ref _verdicts[(int)kind]);

    public long MessagesIn(int realm, SipMethod method) =>
        Volatile.Read(ref _messagesIn[(realm * SipMethods.Count) + (int)method]);

    public long MessagesOut(int realm, SipMethod method) =>
        Volatile.Read(ref _messagesOut[(realm * SipMethods.Count) + (int)method]);

    public long Dropped(int realm, DropReason reason) =>
        Volatile.Read(ref _dropped[(realm * DropReasons.Count) + (int)reason]);

    public long Calls(int route, CallResult result) => Volatile.Read(ref _calls[(route * 6) + (int)result]);

    /// <param name="responseClass">0 for 1xx to 5 for 6xx, or one of the constants above.</param>
    public long PeerResponses(int peer, int responseClass) =>
        Volatile.Read(ref _peerResponses[(peer * PeerClasses) + responseClass]);

    public long Setup(SetupStage stage, int bucket) => Volatile.Read(ref _setup[SetupCell(stage, bucket)]);

    /// <summary>Sum of the set-up times that fell into the bucket.</summary>
    public long SetupMicroseconds(SetupStage stage, int bucket) =>
        Volatile.Read(ref _setupMicroseconds[SetupCell(stage, bucket)]);

    /// <summary>Requests and answers of a dialog that came from another address than the ones before.</summary>
    public long SourceChanges(int realm) => Volatile.Read(ref _sourceChanges[realm]);

    /// <summary>Credentials with a wrong password or of a user that there is not.</summary>
    public long AuthFailures(int realm) => Volatile.Read(ref _authFailures[realm]);

    /// <summary>Those of them that were not looked at: their source only fails.</summary>
    public long AuthUnheard(int realm) => Volatile.Read(ref _authUnheard[realm]);

    public long Registrations(RegistrationResult result) => Volatile.Read(ref _registrations[(int)result]);

    public void CountRegistration(RegistrationResult result) => _registrations[(int)result]++;

    public void CountAuthFailure(int realm) => _authFailures[realm]++;

    public void CountAuthUnheard(int realm) => _authUnheard[realm]++;

    public void CountSourceChange(int realm) => _sourceChanges[realm]++;

    public void CountReceived() => _received++;

    public void CountHandedIn() => _handedIn++;

    /// <summary>What the auditor found and ended: 0 unless the code is wrong.</summary>
    public long Findings(AuditFinding finding) => Volatile.Read(ref _findings[(int)finding]);

    public void CountFinding(AuditFinding finding) => _findings[(int)finding]++;

    public void CountActive(int change) => Volatile.Write(ref _active, _active + change);

    public void CountVerdict(int realm, Verdict verdict)
    {
        _verdicts[(int)verdict.Kind]++;
        if (verdict.Kind == VerdictKind.Dropped) CountDropped(realm, verdict.Reason);
    }

    /// <summary>A drop that is no packet's verdict: a message of our own that could not be sent.</summary>
    public void CountDropped(int realm, DropReason reason) => _dropped[(realm * DropReasons.Count) + (int)reason]++;

    public void CountMessageIn(int realm, SipMethod method) => _messagesIn[(realm * SipMethods.Count) + (int)method]++;

    public void CountSent(int realm, SipMethod method)
    {
        _sent++;
        _messagesOut[(realm * SipMethods.Count) + (int)method]++;
    }

    public void CountCall(int route, CallResult result) => _calls[(route * 6) + (int)result]++;

    public void CountPeerResponse(int peer, int responseClass)
    {
        if (peer >= 0) _peerResponses[(peer * PeerClasses) + responseClass]++;
    }

    public void CountSetup(SetupStage stage, long microseconds)
    {
        int bucket = 0;
        while (bucket < SetupBoundsMilliseconds.Length && microseconds > SetupBoundsMilliseconds[bucket] * 1000L) bucket++;
        _setup[SetupCell(stage, bucket)]++;
        _setupMicroseconds[SetupCell(stage, bucket)] += microseconds;
    }

    private static int SetupCell(SetupStage stage, int bucket) => ((int)stage * (SetupBoundsMilliseconds.Length + 1)) + bucket;

    /// <summary>Received and handed in must equal the verdicts (the sum law).</summary>
    public bool SumLawHolds()
    {
        long sum = 0;
        foreach (long verdict in _verdicts) sum += verdict;
        return _received + _handedIn == sum;
    }
}
