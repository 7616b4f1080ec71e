using System.Buffers.Text;
using Sbc.Runtime;

namespace Sbc.Sip.Sdp;

/// <summary>Appends to a span and remembers that it was too short, so that only the end needs a look.</summary>
internal ref struct SdpOutput(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Written { get; private set; }

    public bool IsFull { get; private set; }

    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        if (IsFull || !bytes.TryCopyTo(_destination[Written..]))
        {
            IsFull = true;
            return;
        }
        Written += bytes.Length;
    }

    public void Append(ulong number)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(number, digits, out int length);
        Append(digits[..length]);
    }

    /// <summary>" IN IP4 " or " IN IP6 " without the first blank, and the address; SDP has no brackets.</summary>
    public void AppendAddress(in TransportAddress address, bool asUnspecified)
    {
        Append(address.IsIPv4 ? "IN IP4 "u8 : "IN IP6 "u8);
        if (asUnspecified)
        {
            Append(address.IsIPv4 ? "0.0.0.0"u8 : "::"u8);
            return;
        }
        Span<byte> host = stackalloc byte[TransportAddress.TextBytesMax];
        int length = address.WriteHost(host);
        Append(address.IsIPv4 ? host[..length] : host[1..(length - 1)]);
    }
}
