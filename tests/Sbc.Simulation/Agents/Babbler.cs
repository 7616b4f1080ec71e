using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// A stranger that listens to the network and sends a target what is no SIP, is cut off, or belongs to others: requests
/// of their dialogs with a tag or the Call-ID changed and bits flipped, responses to requests that nobody sent.
/// </summary>
public sealed class Babbler : IDatagramSink
{
    private readonly Simulator _simulator;
    private readonly VirtualSocket _socket;
    private readonly TransportAddress _target;
    private readonly Xoshiro _random;
    private readonly byte[]?[] _heard = new byte[64][];
    private int _left;

    public Babbler(Simulator simulator, in TransportAddress local, in TransportAddress target, int datagrams)
    {
        _simulator = simulator;
        _socket = simulator.Network.Bind(local, this);
        _target = target;
        _left = datagrams;
        _random = simulator.Random.Fork();
        simulator.Network.Sent += Hear;
    }

    /// <summary>Answers that came: a stranger gets few.</summary>
    public long Received { get; private set; }

    public void Start() => Babble();

    void IDatagramSink.Received(Datagram datagram) => Received++;

    void IDatagramSink.Unreachable(TransportAddress to, byte[] quoted)
    {
    }

    // Only requests within dialogs: a copy of an INVITE under another Call-ID would be a call of its own right.
    private void Hear(Datagram datagram)
    {
        ReadOnlySpan<byte> bytes = datagram.Bytes;
        if (datagram.To != _target || datagram.From == _socket.Local || bytes.StartsWith("SIP/"u8)) return;
        int to = bytes.IndexOf("\nTo:"u8);
        if (to < 0) return;
        ReadOnlySpan<byte> value = bytes[(to + 1)..];
        if (value[..value.IndexOf((byte)'\r')].IndexOf(";tag="u8) < 0) return;
        _heard[_random.Below(_heard.Length)] = datagram.Bytes;
    }

    private void Babble()
    {
        if (_left-- <= 0) return;
        byte[]? bytes = _heard[_random.Below(_heard.Length)];
        _socket.Send(_target, bytes == null ? Garbage() : Distort(bytes));
        _simulator.After(_random.Between(1, 40), Babble);
    }

    private byte[] Garbage()
    {
        byte[] bytes = new byte[_random.Between(0, 600)];
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)_random.Next();
        return bytes;
    }

    private byte[] Distort(byte[] heard)
    {
        switch (_random.Below(6))
        {
            case 0:
                return Garbage();
            case 1:
                return heard[..(int)_random.Below(heard.Length)];
            case 2:
                byte[] flipped = Replace(heard, "Call-ID: ", $"Call-ID: y{_random.Next():x}");
                for (int i = 0; i < 8; i++)
                {
                    flipped[_random.Below(flipped.Length)] ^= (byte)(1 << (int)_random.Below(8));
                }
                return flipped;
            case 3:
                return Replace(heard, ";tag=", $";tag=x{_random.Next():x}");
            case 4:
                return Replace(heard, "Call-ID: ", $"Call-ID: x{_random.Next():x}");
            default:
                return Foreign(heard);
        }
    }

    // A response whose Via is the target's own, with a branch it never made; or a failure for somebody's request.
    private byte[] Foreign(byte[] heard)
    {
        if (!SipMessage.TryParse(heard, out SipMessage message, out _)) return Garbage();
        SipMessage response = SipMessage.Response((int)_random.Between(100, 699));
        response.Add("Via", $"SIP/2.0/UDP {_target};branch=z9hG4bK{_random.Next():x16}{_random.Next():x16}");
        response.Add("From", message.From).Add("To", $"{message.To};tag=foreign").Add("Call-ID", message.CallId);
        return response.Add("CSeq", message["CSeq"] ?? "1 INVITE").ToBytes();
    }

    private static byte[] Replace(byte[] heard, string what, string by)
    {
        string text = Encoding.Latin1.GetString(heard);
        int at = text.LastIndexOf(what, StringComparison.Ordinal);
        return at < 0 ? heard[..20] : Encoding.Latin1.GetBytes(string.Concat(text.AsSpan(0, at), by,
            text.AsSpan(at + what.Length)));
    }
}
