using System.Buffers.Binary;
using System.Net;

namespace Sbc.Tests.Peers;

/// <summary>A UDP datagram of a capture.</summary>
public sealed record CapturedDatagram(string From, int FromPort, string To, int ToPort, byte[] Payload);

/// <summary>Reads a capture of loopback (Ethernet headers, IPv4) as tcpdump writes it.</summary>
public static class Pcap
{
    public static IEnumerable<CapturedDatagram> Read(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        int at = 24;
        while (at + 16 <= bytes.Length)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 8));
            at += 16;
            if (at + length > bytes.Length) yield break;
            ReadOnlyMemory<byte> frame = bytes.AsMemory(at, length);
            at += length;
            if (Parse(frame) is { } datagram) yield return datagram;
        }
    }

    private static CapturedDatagram? Parse(ReadOnlyMemory<byte> frame)
    {
        ReadOnlySpan<byte> ip = frame.Span[14..];
        if (ip[0] >> 4 != 4 || ip[9] != 17) return null;
        int header = (ip[0] & 15) * 4;
        ReadOnlySpan<byte> udp = ip[header..];
        int length = BinaryPrimitives.ReadUInt16BigEndian(udp[4..]);
        return new CapturedDatagram(
            new IPAddress(ip.Slice(12, 4)).ToString(), BinaryPrimitives.ReadUInt16BigEndian(udp),
            new IPAddress(ip.Slice(16, 4)).ToString(), BinaryPrimitives.ReadUInt16BigEndian(udp[2..]),
            udp[8..length].ToArray());
    }
}
