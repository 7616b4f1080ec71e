using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Sbc.Demo;

/// <summary>The RTP of one phone: a tone out, and what the proxy plays back of it in. RFC 3550.</summary>
internal sealed class PhoneMedia : IDisposable
{
    private const int HeaderBytes = 12;
    private const uint SsrcBase = 0x5BC0_0000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _packet = new byte[HeaderBytes + Tone.PayloadBytes];
    private readonly byte[] _received = new byte[2048];
    private readonly bool[] _seen = new bool[Plan.PacketsPerCall];
    private readonly byte[] _tone;
    private readonly uint _ssrc;
    private EndPoint _from = new IPEndPoint(IPAddress.Any, 0);
    private IPEndPoint? _target;
    private long _nextMs;

    public PhoneMedia(int phone, byte[] tone)
    {
        _tone = tone;
        _ssrc = SsrcBase + (uint)phone;
        try
        {
            _socket.Bind(new IPEndPoint(IPAddress.Parse(Plan.Phones), Plan.PhonePort(phone)));
        }
        catch (SocketException problem)
        {
            throw new DemoFailed($"{Plan.Phones}:{Plan.PhonePort(phone)}/udp: {problem.Message}");
        }
    }

    public int Sent { get; private set; }

    public int Returned { get; private set; }

    public int Twice { get; private set; }

    /// <summary>Packets of another call, or from elsewhere than the box said: there must be none.</summary>
    public int Wrong { get; private set; }

    /// <param name="boxPort">Where the box's answer wants this phone's RTP.</param>
    public void Start(int boxPort, long nowMs)
    {
        if (_target is not null) return;
        _target = new IPEndPoint(IPAddress.Parse(Plan.Edge), boxPort);
        _nextMs = nowMs;
    }

    public void Turn(long nowMs)
    {
        while (_target is not null && Sent < Plan.PacketsPerCall && nowMs >= _nextMs)
        {
            Send(_target);
            _nextMs += Plan.PacketMs;
        }
        while (_socket.Available > 0) Receive(_socket.ReceiveFrom(_received, ref _from));
    }

    public void Dispose() => _socket.Dispose();

    private void Send(IPEndPoint target)
    {
        _packet[0] = 0x80;                                       // version 2
        _packet[1] = (byte)(Sent == 0 ? 0x80 : 0);               // payload type 0, the marker on the first packet
        BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(2), (ushort)Sent);
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(4), (uint)(Sent * Tone.PayloadBytes));
        BinaryPrimitives.WriteUInt32BigEndian(_packet.AsSpan(8), _ssrc);
        _tone.AsSpan(Sent * Tone.PayloadBytes % _tone.Length, Tone.PayloadBytes).CopyTo(_packet.AsSpan(HeaderBytes));
        _socket.SendTo(_packet, target);
        Sent++;
    }

    private void Receive(int length)
    {
        int number = length < HeaderBytes ? -1 : BinaryPrimitives.ReadUInt16BigEndian(_received.AsSpan(2));
        bool ours = length == _packet.Length && number < _seen.Length && _from.Equals(_target)
            && BinaryPrimitives.ReadUInt32BigEndian(_received.AsSpan(8)) == _ssrc;
        if (!ours) Wrong++;
        else if (_seen[number]) Twice++;
        else
        {
            _seen[number] = true;
            Returned++;
        }
    }
}
