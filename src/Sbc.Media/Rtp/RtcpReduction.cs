using System.Buffers.Binary;

namespace Sbc.Media;

/// <summary>
/// RTCP as strangers may see it: of SDES a CNAME of ours only, of BYE the sources without a reason. Names, addresses
/// of mail, telephone numbers, places and tools (RFC 3550 6.5.2 to 6.5.8) stay inside; the rest passes as it is.
/// </summary>
public static class RtcpReduction
{
    // SSRC, item header, name, and at least one null up to the next word.
    private const int ChunkBytes = (4 + 2 + CanonicalNames.NameBytes + 4) & ~3;

    /// <param name="compound">Well-formed; see <see cref="RtcpWalk.IsWellFormed"/>.</param>
    /// <returns>False where the result does not fit: short names may become longer.</returns>
    public static bool TryWrite(
        ReadOnlySpan<byte> compound, in CanonicalNames names, long call, Span<byte> destination, out int written)
    {
        written = 0;
        var walk = new RtcpWalk(compound);
        while (walk.TryNext(out RtcpPacket packet))
        {
            int length = packet.Type switch
            {
                RtcpPacket.SourceDescription => 4 + (packet.Count * ChunkBytes),
                RtcpPacket.Goodbye => 4 + (packet.Count * 4),
                _ => packet.Bytes.Length,
            };
            if (destination.Length - written < length) return false;
            Span<byte> output = destination.Slice(written, length);
            written += length;
            switch (packet.Type)
            {
                case RtcpPacket.SourceDescription:
                    WriteNames(packet, names, call, output);
                    break;
                case RtcpPacket.Goodbye:
                    packet.Bytes[..length].CopyTo(output);
                    break;
                default:
                    packet.Bytes.CopyTo(output);
                    continue;
            }
            // What was padded is gone, and so is the mark of it.
            output[0] = (byte)(0x80 | packet.Count);
            BinaryPrimitives.WriteUInt16BigEndian(output[2..], (ushort)((length / 4) - 1));
        }
        return true;
    }

    private static void WriteNames(in RtcpPacket packet, in CanonicalNames names, long call, Span<byte> output)
    {
        output.Clear();
        output[1] = RtcpPacket.SourceDescription;
        var chunks = new SdesWalk(packet);
        for (int i = 0; i < packet.Count; i++)
        {
            chunks.TryNext(out uint source, out ReadOnlySpan<byte> name);
            Span<byte> chunk = output.Slice(4 + (i * ChunkBytes), ChunkBytes);
            BinaryPrimitives.WriteUInt32BigEndian(chunk, source);
            chunk[4] = 1;
            chunk[5] = CanonicalNames.NameBytes;
            names.Write(call, name, chunk.Slice(6, CanonicalNames.NameBytes));
        }
    }
}
