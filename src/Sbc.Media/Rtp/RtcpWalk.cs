using System.Buffers.Binary;

namespace Sbc.Media;

/// <summary>One packet of a compound RTCP packet (RFC 3550 6.1), its header included.</summary>
public readonly ref struct RtcpPacket
{
    public const byte SenderReport = 200;
    public const byte ReceiverReport = 201;
    public const byte SourceDescription = 202;
    public const byte Goodbye = 203;
    public const byte ApplicationDefined = 204;

    /// <summary>RFC 4585 6.1.</summary>
    public const byte TransportFeedback = 205;
    public const byte PayloadFeedback = 206;

    /// <summary>Bytes of a report block (RFC 3550 6.4.1).</summary>
    public const int BlockBytes = 24;

    public byte Type { get; init; }

    /// <summary>Report blocks, chunks or sources.</summary>
    public int Count { get; init; }

    public ReadOnlySpan<byte> Bytes { get; init; }

    /// <summary>SR and RR: where the report blocks begin.</summary>
    public int BlocksAt => Type == SenderReport ? 28 : 8;
}

/// <summary>Walks a compound RTCP packet that is in the clear, and holds every length to what is there.</summary>
public ref struct RtcpWalk(ReadOnlySpan<byte> compound)
{
    private ReadOnlySpan<byte> _left = compound;

    public bool IsMalformed { get; private set; }

    /// <summary>All of it can be read: versions, lengths, counts, chunks.</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> compound)
    {
        var walk = new RtcpWalk(compound);
        while (walk.TryNext(out _))
        {
        }
        return !walk.IsMalformed;
    }

    /// <returns>False at the end, and where the rest cannot be read.</returns>
    public bool TryNext(out RtcpPacket packet)
    {
        packet = default;
        if (_left.IsEmpty || IsMalformed) return false;
        IsMalformed = true;
        if (_left.Length < 4 || _left[0] >> 6 != 2 || _left[1] is < 192 or > 223) return false;
        int length = (BinaryPrimitives.ReadUInt16BigEndian(_left[2..]) + 1) * 4;
        if (length > _left.Length) return false;
        packet = new RtcpPacket { Type = _left[1], Count = _left[0] & 0x1F, Bytes = _left[..length] };
        if (!Fits(packet)) return false;
        IsMalformed = false;
        _left = _left[length..];
        return true;
    }

    private static bool Fits(in RtcpPacket packet)
    {
        int length = packet.Bytes.Length;
        return packet.Type switch
        {
            RtcpPacket.SenderReport or RtcpPacket.ReceiverReport =>
                length >= packet.BlocksAt + (packet.Count * RtcpPacket.BlockBytes),
            RtcpPacket.SourceDescription => HasChunks(packet),
            RtcpPacket.Goodbye => length >= 4 + (packet.Count * 4),
            RtcpPacket.ApplicationDefined => length >= 12,
            RtcpPacket.TransportFeedback or RtcpPacket.PayloadFeedback => length >= 12,
            _ => true,
        };
    }

    private static bool HasChunks(in RtcpPacket packet)
    {
        var chunks = new SdesWalk(packet);
        for (int i = 0; i < packet.Count; i++)
        {
            if (!chunks.TryNext(out _, out _)) return false;
        }
        return true;
    }
}

/// <summary>The chunks of an SDES packet (RFC 3550 6.5): a source, and the name by which it is known.</summary>
public ref struct SdesWalk(in RtcpPacket packet)
{
    private const byte CanonicalName = 1;

    private readonly ReadOnlySpan<byte> _bytes = packet.Bytes;
    private int _at = 4;

    /// <param name="name">Its CNAME; empty where it has none.</param>
    /// <returns>False where the chunk does not end within the packet.</returns>
    public bool TryNext(out uint source, out ReadOnlySpan<byte> name)
    {
        source = 0;
        name = default;
        if (_bytes.Length - _at < 8) return false;
        source = BinaryPrimitives.ReadUInt32BigEndian(_bytes[_at..]);
        _at += 4;
        while (_at < _bytes.Length && _bytes[_at] != 0)
        {
            if (_bytes.Length - _at < 2) return false;
            int length = _bytes[_at + 1];
            if (_bytes.Length - _at - 2 < length) return false;
            if (_bytes[_at] == CanonicalName) name = _bytes.Slice(_at + 2, length);
            _at += 2 + length;
        }
        // A null ends the list, and more of them fill the word.
        _at = (_at + 4) & ~3;
        return _at <= _bytes.Length;
    }
}
