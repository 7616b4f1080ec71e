using System.Text;
using Sbc.Runtime;

namespace Sbc.Sip.Sdp;

/// <summary>
/// The fields of a value. Runs of blanks count as one: the grammar has one space, some senders have not.
/// </summary>
internal ref struct SdpFields(ReadOnlySpan<byte> body, SdpRange value)
{
    private readonly ReadOnlySpan<byte> _body = body;
    private readonly int _end = value.End;
    private int _at = value.Start;

    public bool TryNext(out SdpRange field)
    {
        while (_at < _end && _body[_at] is (byte)' ' or (byte)'\t') _at++;
        int start = _at;
        while (_at < _end && _body[_at] is not ((byte)' ' or (byte)'\t')) _at++;
        field = new SdpRange(start, _at - start);
        return field.Length > 0;
    }

    /// <summary>What is left, without blanks around it, and the number of fields in it.</summary>
    public SdpRange Rest(out int count)
    {
        count = 0;
        int start = _at, end = _at;
        while (TryNext(out SdpRange field))
        {
            if (count++ == 0) start = field.Start;
            end = field.End;
        }
        return new SdpRange(start, end - start);
    }

    /// <summary>nettype addrtype address["/" ttl]: a literal of the family it says, else None.</summary>
    public bool TryAddress(out TransportAddress address)
    {
        address = default;
        if (!TryNext(out SdpRange network) || !Ascii.EqualsIgnoreCase(network.Of(_body), "IN"u8)) return false;
        if (!TryNext(out SdpRange type) || !TryNext(out SdpRange host)) return false;
        ReadOnlySpan<byte> text = host.Of(_body);
        int slash = text.IndexOf((byte)'/');
        if (slash >= 0) text = text[..slash];
        // A zone means something to the one who wrote it only; brackets are SIP's, not SDP's.
        if (text.IndexOfAny((byte)'%', (byte)'[') >= 0) return false;
        bool isIPv6Text = text.IndexOf((byte)':') >= 0;
        if (!Ascii.EqualsIgnoreCase(type.Of(_body), isIPv6Text ? "IP6"u8 : "IP4"u8)) return false;
        return TransportAddress.TryParseHost(text, 0, out address);
    }
}
