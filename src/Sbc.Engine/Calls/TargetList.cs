using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sbc.Engine.Registrations;
using Sbc.Runtime;

namespace Sbc.Engine.Calls;

/// <summary>One target of a request: a flow, or one of the groups of its route.</summary>
public readonly ref struct CallTarget
{
    /// <summary>q of RFC 3261 20.10 in thousandths: higher ones first, equal ones at the same time.</summary>
    public required int Quality { get; init; }

    /// <summary>Which of the route's groups chooses the peer; -1: it is the flow below.</summary>
    public int Place { get; init; }

    /// <summary>Row of the listener that the flow leads out of.</summary>
    public int Listener { get; init; }

    public ushort ListenerGeneration { get; init; }

    /// <summary>Whose flow it is; none where nobody registered it.</summary>
    public FlowName Flow { get; init; }

    /// <summary>Another flow of the device of the one before it: it is tried when that one has failed.</summary>
    public bool IsNextFlow { get; init; }

    public TransportAddress Address { get; init; }

    /// <summary>What the request is sent with; empty for a group, whose Request-URI is the caller's.</summary>
    public ReadOnlySpan<byte> RequestUri { get; init; }

    /// <summary>Route header value, as a Path made it (RFC 3327); empty: none.</summary>
    public ReadOnlySpan<byte> Routes { get; init; }
}

/// <summary>Targets of one request, the best first, in bytes that its call keeps.</summary>
public ref struct TargetList(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    public int Count { get; private set; }

    /// <summary>Those of them that are not only another flow of the one before.</summary>
    public int Devices { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _bytes[..Length];

    /// <summary>Adds one behind those of the same quality. False: no room is left.</summary>
    public bool TryAdd(scoped CallTarget target)
    {
        int size = Unsafe.SizeOf<Record>() + target.RequestUri.Length + target.Routes.Length;
        if (Count == Limits.TargetsMax || size > ushort.MaxValue || Length + size > _bytes.Length) return false;
        int at = 0;
        while (at < Length && Read(_bytes[at..]).Quality >= target.Quality) at += Read(_bytes[at..]).Size;
        _bytes[at..Length].CopyTo(_bytes[(at + size)..]);
        var record = new Record
        {
            Size = (ushort)size,
            UriLength = (ushort)target.RequestUri.Length,
            Quality = (short)target.Quality,
            Place = (short)target.Place,
            Listener = (byte)target.Listener,
            IsNextFlow = target.IsNextFlow ? (byte)1 : (byte)0,
            ListenerGeneration = target.ListenerGeneration,
            Address = target.Address,
            Flow = target.Flow,
        };
        Span<byte> rest = _bytes[at..];
        MemoryMarshal.Write(rest, record);
        target.RequestUri.CopyTo(rest[Unsafe.SizeOf<Record>()..]);
        target.Routes.CopyTo(rest[(Unsafe.SizeOf<Record>() + target.RequestUri.Length)..]);
        Length += size;
        Count++;
        if (!target.IsNextFlow) Devices++;
        return true;
    }

    /// <summary>Where the first one behind a target begins that is no other flow of its device.</summary>
    public static int NextDevice(ReadOnlySpan<byte> list, int at)
    {
        do at += Read(list[at..]).Size;
        while (at < list.Length && Read(list[at..]).IsNextFlow != 0);
        return at;
    }

    /// <summary>The target that begins there.</summary>
    /// <param name="list">As it was written.</param>
    /// <param name="at">0 for the first.</param>
    /// <param name="next">Where the one after it begins; the list's length behind the last.</param>
    public static CallTarget At(ReadOnlySpan<byte> list, int at, out int next)
    {
        Record record = Read(list[at..]);
        next = at + record.Size;
        ReadOnlySpan<byte> texts = list[(at + Unsafe.SizeOf<Record>())..next];
        return new CallTarget
        {
            Quality = record.Quality,
            Place = record.Place,
            Listener = record.Listener,
            ListenerGeneration = record.ListenerGeneration,
            Flow = record.Flow,
            IsNextFlow = record.IsNextFlow != 0,
            Address = record.Address,
            RequestUri = texts[..record.UriLength],
            Routes = texts[record.UriLength..],
        };
    }

    private static Record Read(ReadOnlySpan<byte> bytes) => MemoryMarshal.Read<Record>(bytes);

    [StructLayout(LayoutKind.Sequential)]
    private struct Record
    {
        public TransportAddress Address;
        public FlowName Flow;
        public ushort Size;
        public ushort UriLength;
        public short Quality;
        public short Place;
        public ushort ListenerGeneration;
        public byte Listener;
        public byte IsNextFlow;
    }
}
