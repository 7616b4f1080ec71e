using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Bench.Ground;

/// <summary>Proxies in the core: they answer what the box sent, as whoever it was sent to.</summary>
public sealed class Callee
{
    private const int MessageBytes = 2048;

    private readonly Box _box;
    private readonly byte[] _answer;
    private readonly Mail _invites;
    private readonly TransportAddress[] _addresses;
    private readonly SipMessage _request = new();

    public Callee(Box box, int places)
    {
        _box = box;
        _answer = SessionText.Of(box.Plan.PeerAddress(0), SessionText.CalleePort, 1);
        _invites = new Mail(places, MessageBytes);
        _addresses = new TransportAddress[places];
    }

    /// <summary>Keeps the INVITE that the box sent as the i-th message to the core.</summary>
    public void Keep(int place, int sent)
    {
        Mail mail = _box.Core.Sent;
        _invites.Set(place, mail[sent]);
        _addresses[place] = mail.Address(sent);
        Check.That(MethodOf(sent) == SipMethod.Invite);
    }

    public SipMethod MethodOf(int sent)
    {
        Mail mail = _box.Core.Sent;
        Check.That(_request.Parse(mail.Memory, mail.Offset(sent), mail.Length(sent)) == ParseError.None);
        return _request.Method;
    }

    /// <summary>A response to the INVITE that was kept; 180 with a tag, 2xx with a session description.</summary>
    public void Respond(int place, int code)
    {
        Check.That(_request.Parse(_invites.Memory, _invites.Offset(place), _invites.Length(place)) == ParseError.None);
        Write(code, _addresses[place]);
    }

    /// <summary>A response to the i-th message that the box sent to the core.</summary>
    public void RespondTo(int sent, int code)
    {
        Check.That(MethodOf(sent) != SipMethod.Ack);
        Write(code, _box.Core.Sent.Address(sent));
    }

    private void Write(int code, in TransportAddress from)
    {
        var writer = new SipWriter(_box.Core.Inbound.Open());
        writer.StatusLine(code, StatusCodes.Reason(code));
        Check.That(_request.TryFind(HeaderName.Via, out int via));
        do writer.Copy(_request, via);
        while (_request.TryNext(ref via));
        writer.Header("From: "u8, _request.Value(HeaderName.From));
        ReadOnlySpan<byte> to = _request.Value(HeaderName.To);
        writer.Raw("To: "u8);
        writer.Raw(to);
        bool hasTag = NameAddress.TryParse(to, out NameAddress address) && address.TryGetTag(out _);
        if (code > 100 && !hasTag) writer.Raw(";tag=callee-7d1c"u8);
        writer.EndLine();
        writer.Header("Call-ID: "u8, _request.Value(HeaderName.CallId));
        writer.Header("CSeq: "u8, _request.Value(HeaderName.CSeq));
        bool isInvite = _request.Method == SipMethod.Invite;
        if (isInvite && code is > 100 and < 300)
        {
            writer.Raw("Contact: <sip:service@"u8);
            writer.HostPort(from);
            writer.Raw(">\r\nServer: Proxy/1.0\r\n"u8);
        }
        bool hasBody = isInvite && code is >= 200 and < 300;
        if (hasBody) writer.Raw("Content-Type: application/sdp\r\n"u8);
        writer.Header("Content-Length: "u8, hasBody ? _answer.Length : 0);
        writer.EndLine();
        if (hasBody) writer.Raw(_answer);
        Check.That(!writer.Overflowed);
        _box.Core.Inbound.Commit(writer.Length, from);
    }
}
