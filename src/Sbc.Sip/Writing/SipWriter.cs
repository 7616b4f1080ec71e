using System.Text;
using Sbc.Runtime;
using Sbc.Sip.Message;

namespace Sbc.Sip.Writing;

/// <summary>Writes one message front to back into a slot. Overflow is remembered, nothing is written past the end.</summary>
public ref struct SipWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    public int Length { get; private set; }

    public bool Overflowed { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _destination[..Length];

    public void Raw(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _destination.Length - Length)
        {
            Overflowed = true;
            return;
        }
        bytes.CopyTo(_destination[Length..]);
        Length += bytes.Length;
    }

    public void Byte(byte value)
    {
        if (Length == _destination.Length) Overflowed = true;
        else _destination[Length++] = value;
    }

    public void Number(long value)
    {
        if (value.TryFormat(_destination[Length..], out int written)) Length += written;
        else Overflowed = true;
    }

    public void EndLine() => Raw("\r\n"u8);

    /// <param name="name">With its colon and space.</param>
    public void Header(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value)
    {
        Raw(name);
        Raw(value);
        EndLine();
    }

    public void Header(scoped ReadOnlySpan<byte> name, long value)
    {
        Raw(name);
        Number(value);
        EndLine();
    }

    public void Host(in TransportAddress address)
    {
        if (_destination.Length - Length < TransportAddress.TextBytesMax) Overflowed = true;
        else Length += address.WriteHost(_destination[Length..]);
    }

    public void HostPort(in TransportAddress address)
    {
        if (_destination.Length - Length < TransportAddress.TextBytesMax) Overflowed = true;
        else Length += address.Write(_destination[Length..]);
    }

    /// <summary>Five digits reserved for a length that is known later, and where they are.</summary>
    public int ContentLengthPlaceholder()
    {
        Raw("Content-Length: "u8);
        int at = Length;
        Raw("     \r\n"u8);
        return at;
    }

    /// <summary>Fills in what <see cref="ContentLengthPlaceholder"/> left, right-aligned: leading spaces are white space.</summary>
    public readonly void FillContentLength(int at, int length)
    {
        if (Overflowed) return;
        Span<byte> digits = stackalloc byte[5];
        Check.That(length.TryFormat(digits, out int count));
        digits[..count].CopyTo(_destination[(at + 5 - count)..]);
    }

    /// <summary>The rest of the destination, to be written by somebody else and then taken with <see cref="Advance"/>.</summary>
    public readonly Span<byte> Rest => _destination[Length..];

    public void Advance(int count) => Length += count;

    public void StatusLine(int code, scoped ReadOnlySpan<byte> reason)
    {
        Raw("SIP/2.0 "u8);
        Number(code);
        Byte((byte)' ');
        Raw(reason);
        EndLine();
    }

    public void RequestLine(scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> uri)
    {
        Raw(method);
        Byte((byte)' ');
        Raw(uri);
        Raw(" SIP/2.0\r\n"u8);
    }

    /// <summary>A header field as it was received, folds included. An end of LF alone becomes CRLF.</summary>
    public void Copy(SipMessage message, int field)
    {
        ReadOnlySpan<byte> line = message.Line(field);
        if (line[^2] == '\r')
        {
            Raw(line);
            return;
        }
        Raw(line[..^1]);
        EndLine();
    }

    public override readonly string ToString() => Encoding.UTF8.GetString(Written);
}
