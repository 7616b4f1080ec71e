using System.Buffers.Binary;
using Sbc.Runtime;

namespace Sbc.Bench.Ground;

/// <summary>RTP and RTCP of one established call, and what a stranger sends to its port.</summary>
public sealed class MediaScript
{
    private readonly Box _box;
    private readonly byte[] _rtp = new byte[172];
    private readonly byte[] _rtcp = new byte[8];
    private readonly TransportAddress _caller;
    private readonly TransportAddress _stranger;
    private readonly int _edgeRtp;
    private readonly int _edgeRtcp;
    private ushort _sequence;

    /// <param name="box">With media, and one call whose ports are the first of the range.</param>
    public MediaScript(Box box)
    {
        _box = box;
        _caller = box.Plan.Caller.WithPort(SessionText.CallerPort);
        _stranger = box.Plan.Stranger;
        _edgeRtp = box.Media.SocketAt(box.Plan.EdgeAddress.WithPort(20000));
        _edgeRtcp = box.Media.SocketAt(box.Plan.EdgeAddress.WithPort(20001));
        _rtp[0] = 0x80;
        _rtp[1] = 8;
        BinaryPrimitives.WriteUInt32BigEndian(_rtp.AsSpan(8), 0x1234_5678);
        // A receiver report without blocks (RFC 3550 6.4.2).
        _rtcp[0] = 0x80;
        _rtcp[1] = 201;
        _rtcp[3] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(_rtcp.AsSpan(4), 0x1234_5678);
    }

    /// <summary>A frame of 20 ms from the caller, relayed to the callee.</summary>
    public void Rtp(int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            _sequence++;
            BinaryPrimitives.WriteUInt16BigEndian(_rtp.AsSpan(2), _sequence);
            BinaryPrimitives.WriteUInt32BigEndian(_rtp.AsSpan(4), _sequence * 160u);
            _box.Media.Deliver(_edgeRtp, _caller, _rtp);
        }
        _box.TurnMedia();
        Check.That(_box.Media.Sent.Count == packets);
    }

    public void Rtcp()
    {
        _box.Media.Deliver(_edgeRtcp, _caller.WithPort(_caller.Port + 1), _rtcp);
        _box.TurnMedia();
        Check.That(_box.Media.Sent.Count == 1);
    }

    /// <summary>RTP from somebody else after the port has found its source: refused.</summary>
    public void Stranger()
    {
        _box.Media.Deliver(_edgeRtp, _stranger, _rtp);
        _box.TurnMedia();
        Check.That(_box.Media.Sent.Count == 0);
    }
}
