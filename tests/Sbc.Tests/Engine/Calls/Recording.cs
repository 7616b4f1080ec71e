using System.Buffers.Binary;
using Sbc.Tests.Peers;

namespace Sbc.Tests.Engine.Calls;

/// <summary>A datagram that a real program sent, and when.</summary>
public sealed record RecordedPacket(long Microseconds, int From, int To, byte[] Bytes);

/// <summary>A capture file of datagrams over IPv4 on loopback, as tcpdump writes it.</summary>
public static class Recording
{
    private const int FileHeaderBytes = 24;
    private const int PacketHeaderBytes = 16;

    // Ethernet and IPv4 without options.
    private const int UdpAt = 14 + 20;

    public static IReadOnlyList<RecordedPacket> Read(string name)
    {
        string folder = Path.Combine(PeerLab.Root, "tests", "Sbc.Tests", "Engine", "Calls", "recordings");
        ReadOnlySpan<byte> file = File.ReadAllBytes(Path.Combine(folder, name));
        if (BinaryPrimitives.ReadUInt32LittleEndian(file) != 0xA1B2C3D4) throw new FormatException($"{name}: no pcap");
        var packets = new List<RecordedPacket>();
        long start = -1;
        for (ReadOnlySpan<byte> rest = file[FileHeaderBytes..]; rest.Length > 0;)
        {
            long at = (BinaryPrimitives.ReadUInt32LittleEndian(rest) * 1_000_000L)
                + BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (start < 0) start = at;
            int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest[8..]);
            ReadOnlySpan<byte> udp = rest.Slice(PacketHeaderBytes, length)[UdpAt..];
            rest = rest[(PacketHeaderBytes + length)..];
            packets.Add(new RecordedPacket(
                at - start, BinaryPrimitives.ReadUInt16BigEndian(udp), BinaryPrimitives.ReadUInt16BigEndian(udp[2..]),
                udp[8..BinaryPrimitives.ReadUInt16BigEndian(udp[4..])].ToArray()));
        }
        return packets;
    }
}
