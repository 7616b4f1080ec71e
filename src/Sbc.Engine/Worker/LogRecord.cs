using Sbc.Runtime;

namespace Sbc.Engine.Worker;

public enum LogKind : byte
{
    PeerDown,
    PeerUp,
    InternalError,
    CallsLimit,
    TrunkRegistered,
    TrunkFailed,
}

/// <summary>What a worker tells the log thread: fixed size, formatted there.</summary>
/// <param name="Id">Row of the peer or realm it is about.</param>
/// <param name="Detail">A response code, an errno or a count.</param>
public readonly record struct LogRecord(LogKind Kind, int Id, int Detail, TransportAddress Address);
