using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Sbc.Runtime;

/// <summary>IP address and port. 16 address bytes in network order (IPv4 mapped, RFC 4291 2.5.5.2), scope, port.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct TransportAddress : IEquatable<TransportAddress>
{
    /// <summary>The longest text this type writes: "[" + 45 + "%" + 10 + "]:" + 5.</summary>
    public const int TextBytesMax = 64;

    private const ulong MappedPrefix = 0x0000_0000_0000_FFFF;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly uint _scope;
    private readonly ushort _port;

    private TransportAddress(ulong high, ulong low, uint scope, ushort port)
    {
        _high = high;
        _low = low;
        _scope = scope;
        _port = port;
    }

    public ushort Port => _port;

    public uint Scope => _scope;

    public bool IsNone => _high == 0 && _low == 0 && _port == 0;

    public bool IsIPv4 => _high == 0 && (_low >> 32) == MappedPrefix;

    /// <summary>0.0.0.0 or ::, whatever the port.</summary>
    public bool IsUnspecified => _high == 0 && (_low == 0 || _low == MappedPrefix << 32);

    /// <summary>The IPv4 address as a number in host order; 0 for IPv6.</summary>
    public uint IPv4 => IsIPv4 ? (uint)_low : 0;

    /// <summary>Upper 64 bits of the IPv6 form: the /64 a source is counted by; 0 for IPv4.</summary>
    public ulong High => _high;

    /// <summary>Lower 64 bits of the IPv6 form.</summary>
    public ulong Low => _low;

    /// <param name="bytes">4 or 16 bytes in network order.</param>
    public static TransportAddress FromBytes(ReadOnlySpan<byte> bytes, int port, uint scope = 0)
    {
        if (bytes.Length == 4) return FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), port);
        Check.That(bytes.Length == 16);
        return new TransportAddress(
            BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]), scope, (ushort)port);
    }

    /// <param name="address">Host order: 0x7F000001 is 127.0.0.1.</param>
    public static TransportAddress FromIPv4(uint address, int port) =>
        new(0, (MappedPrefix << 32) | address, 0, (ushort)port);

    public TransportAddress WithPort(int port) => new(_high, _low, _scope, (ushort)port);

    public bool SameAddress(in TransportAddress other) =>
        _low == other._low && _high == other._high && _scope == other._scope;

    /// <summary>Writes 4 bytes for IPv4, 16 for IPv6, in network order.</summary>
    public int WriteAddressBytes(Span<byte> destination)
    {
        if (IsIPv4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
            return 4;
        }
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
        return 16;
    }

    /// <summary>True when the first <paramref name="prefixLength"/> bits are equal; IPv4 counts its own 32 bits.</summary>
    public bool InPrefix(in TransportAddress prefix, int prefixLength)
    {
        if (IsIPv4 != prefix.IsIPv4) return false;
        int bits = IsIPv4 ? prefixLength + 96 : prefixLength;
        ulong highMask = bits >= 64 ? ulong.MaxValue : bits == 0 ? 0 : ulong.MaxValue << (64 - bits);
        ulong lowMask = bits <= 64 ? 0 : bits >= 128 ? ulong.MaxValue : ulong.MaxValue << (128 - bits);
        return ((_high ^ prefix._high) & highMask) == 0 && ((_low ^ prefix._low) & lowMask) == 0;
    }

    /// <summary>Parses an IP literal, IPv6 with or without brackets; no port, no name.</summary>
    public static bool TryParseHost(ReadOnlySpan<byte> text, int port, out TransportAddress address)
    {
        address = default;
        if (text.Length is < 2 or > 60) return false;
        if (text[0] == '[')
        {
            if (text[^1] != ']') return false;
            text = text[1..^1];
        }
        if (text.IndexOf((byte)':') < 0) return TryParseIPv4(text, port, out address);
        Span<byte> bytes = stackalloc byte[16];
        if (!IPv6Text.TryParse(text, bytes, out uint scope)) return false;
        address = FromBytes(bytes, port, scope);
        return true;
    }

    internal static bool TryParseIPv4(ReadOnlySpan<byte> text, int port, out TransportAddress address)
    {
        address = default;
        uint value = 0;
        int at = 0;
        for (int part = 0; part < 4; part++)
        {
            if (part > 0 && (at >= text.Length || text[at++] != '.')) return false;
            int number = 0, digits = 0;
            while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9' && digits < 3)
            {
                number = (number * 10) + text[at++] - '0';
                digits++;
            }
            if (digits == 0 || number > 255) return false;
            value = (value << 8) | (uint)number;
        }
        if (at != text.Length) return false;
        address = FromIPv4(value, port);
        return true;
    }

    /// <summary>Writes the host alone; IPv6 in brackets, as a SIP host is written (RFC 3261 25.1).</summary>
    public int WriteHost(Span<byte> destination)
    {
        if (!IsIPv4) return WriteIPv6(destination);
        int at = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            ((uint)(_low >> shift) & 0xFF).TryFormat(destination[at..], out int written);
            at += written;
            if (shift > 0) destination[at++] = (byte)'.';
        }
        return at;
    }

    /// <summary>Writes host:port.</summary>
    public int Write(Span<byte> destination)
    {
        int at = WriteHost(destination);
        destination[at++] = (byte)':';
        _port.TryFormat(destination[at..], out int written);
        return at + written;
    }

    private int WriteIPv6(Span<byte> destination)
    {
        destination[0] = (byte)'[';
        int length = IPv6Text.Write(_high, _low, destination[1..]);
        destination[length + 1] = (byte)']';
        return length + 2;
    }

    public bool Equals(TransportAddress other) =>
        _low == other._low && _high == other._high && _port == other._port && _scope == other._scope;

    public override bool Equals(object? obj) => obj is TransportAddress other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_high, _low, _port);

    public static bool operator ==(in TransportAddress left, in TransportAddress right) => left.Equals(right);

    public static bool operator !=(in TransportAddress left, in TransportAddress right) => !left.Equals(right);

    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextBytesMax];
        return Encoding.ASCII.GetString(text[..Write(text)]);
    }
}
