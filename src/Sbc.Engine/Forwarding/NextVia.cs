using System.Buffers.Binary;
using System.Text;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Forwarding;

/// <summary>
/// What the Via below ours says of where the response goes (RFC 3261 18.2.2, RFC 3581 4), and whose request it was.
/// </summary>
public readonly struct NextVia(in TransportAddress destination, ulong branch)
{
    public const int Bytes = 26;

    public TransportAddress Destination { get; } = destination;

    /// <summary>Hash of its branch.</summary>
    public ulong Branch { get; } = branch;

    /// <summary>For the MAC of our branch: the response must carry the Via that the request had.</summary>
    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Destination.High);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Destination.Low);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[16..], Destination.Port);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[18..], Branch);
    }

    /// <summary>As a response carries it. False where it names no address: then we did not write it.</summary>
    public static bool TryRead(in ViaValue via, SipHash hash, out NextVia next)
    {
        next = default;
        ReadOnlySpan<byte> host = via.Host;
        int port = via.Port == 0 ? 5060 : via.Port;
        var parameters = new Parameters(via.Parameters);
        while (parameters.MoveNext())
        {
            if (parameters.Name.Length == 5 && Ascii.EqualsIgnoreCase(parameters.Name, "rport"u8))
            {
                if (Numbers.TryParsePort(parameters.Value, out int given)) port = given;
            }
            else if (parameters.Name.Length == 8 && Ascii.EqualsIgnoreCase(parameters.Name, "received"u8))
            {
                host = parameters.Value;
            }
        }
        if (!TransportAddress.TryParseHost(host, port, out TransportAddress address)) return false;
        next = new NextVia(address, hash.Hash(via.Branch));
        return true;
    }
}
