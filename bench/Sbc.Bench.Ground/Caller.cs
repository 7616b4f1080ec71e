using System.Buffers.Text;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Bench.Ground;

/// <summary>Phones at the edge: one call for each place, each message written without allocation.</summary>
public sealed class Caller
{
    private const int MessageBytes = 2048;

    private readonly Box _box;
    private readonly TransportAddress _address;
    private readonly byte[] _offer;
    private readonly byte[] _offerAgain;
    private readonly byte[] _host;
    private readonly byte[] _target;
    private readonly Mail _answers;
    private readonly uint[] _serials;
    private readonly uint[] _cseqs;
    private readonly SipMessage _answer = new();
    private uint _serial;

    public Caller(Box box, int places)
    {
        _box = box;
        _address = box.Plan.Caller;
        _offer = SessionText.Of(box.Plan.Caller, SessionText.CallerPort, 1);
        _offerAgain = SessionText.Of(box.Plan.Caller, SessionText.CallerPort + 2, 2);
        _host = Host(box.Plan.Caller);
        _target = Host(box.Plan.EdgeAddress);
        _answers = new Mail(places, MessageBytes);
        _serials = new uint[places];
        _cseqs = new uint[places];
    }

    /// <summary>A new call in this place: its INVITE arrives at the box.</summary>
    public void Invite(int place)
    {
        _serials[place] = ++_serial;
        _cseqs[place] = 1;
        RepeatInvite(place);
    }

    public void RepeatInvite(int place)
    {
        var writer = new SipWriter(_box.Edge.Inbound.Open());
        WriteInitialUri(ref writer, "INVITE"u8);
        WriteHead(ref writer, place, "INVITE"u8);
        WriteToOfBox(ref writer);
        writer.Raw("CSeq: 1 INVITE\r\n"u8);
        WriteContact(ref writer);
        writer.Raw("Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REFER\r\nSupported: timer, replaces\r\n"u8);
        writer.Raw("User-Agent: Phone/1.0\r\nContent-Type: application/sdp\r\n"u8);
        WriteBody(ref writer, _offer);
        Deliver(writer);
    }

    /// <summary>Keeps the 2xx that the box sent as the i-th message to the edge: the dialog is in it.</summary>
    public void Keep(int place, int sent)
    {
        _answers.Set(place, _box.Edge.Sent[sent]);
        Check.That(Status(sent) == 200);
    }

    public int Status(int sent)
    {
        Mail mail = _box.Edge.Sent;
        Check.That(_answer.Parse(mail.Memory, mail.Offset(sent), mail.Length(sent)) == ParseError.None);
        return _answer.StatusCode;
    }

    public void Cancel(int place)
    {
        var writer = new SipWriter(_box.Edge.Inbound.Open());
        WriteInitialUri(ref writer, "CANCEL"u8);
        WriteHead(ref writer, place, "INVITE"u8);
        WriteToOfBox(ref writer);
        writer.Raw("CSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n"u8);
        Deliver(writer);
    }

    /// <summary>ACK to the failure that the box sent as the i-th message to the edge (RFC 3261 17.1.1.3).</summary>
    public void AcknowledgeFailure(int place, int sent)
    {
        Check.That(Status(sent) >= 300);
        var writer = new SipWriter(_box.Edge.Inbound.Open());
        WriteInitialUri(ref writer, "ACK"u8);
        WriteHead(ref writer, place, "INVITE"u8);
        writer.Header("To: "u8, _answer.Value(HeaderName.To));
        writer.Raw("CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"u8);
        Deliver(writer);
    }

    public void Acknowledge(int place) => Send(place, "ACK"u8, default, default);

    public void Bye(int place)
    {
        _cseqs[place]++;
        Send(place, "BYE"u8, default, default);
    }

    public void Info(int place)
    {
        _cseqs[place]++;
        Send(place, "INFO"u8, "Content-Type: application/dtmf-relay\r\n"u8, "Signal=5\r\nDuration=160\r\n"u8);
    }

    /// <summary>A re-INVITE that moves the phone's media to another port, and back the next time.</summary>
    public void Reinvite(int place)
    {
        _cseqs[place]++;
        Send(place, "INVITE"u8, "Content-Type: application/sdp\r\n"u8, _cseqs[place] % 2 == 0 ? _offerAgain : _offer);
    }

    /// <summary>OPTIONS for the box; <paramref name="serial"/> decides which worker owns it.</summary>
    public void Options(uint serial)
    {
        _serials[0] = serial;
        _cseqs[0] = 1;
        var writer = new SipWriter(_box.Edge.Inbound.Open());
        writer.Raw("OPTIONS sip:"u8);
        writer.Raw(_target);
        writer.Raw(" SIP/2.0\r\n"u8);
        WriteHead(ref writer, 0, "OPTIONS"u8);
        WriteToOfBox(ref writer);
        writer.Raw("CSeq: 1 OPTIONS\r\nAccept: application/sdp\r\nContent-Length: 0\r\n\r\n"u8);
        Deliver(writer);
    }

    /// <summary>A request whose Via cannot be read and whose header has a line without a name.</summary>
    public void Malformed() => _box.Edge.Inbound.Add(
        "INVITE sip:1@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/UDP\r\n: nothing\r\nCall-ID: x\r\n\r\n"u8, _address);

    private void Send(int place, ReadOnlySpan<byte> method, ReadOnlySpan<byte> type, ReadOnlySpan<byte> body)
    {
        Check.That(_answer.Parse(_answers.Memory, _answers.Offset(place), _answers.Length(place)) == ParseError.None);
        Check.That(NameAddress.TryParse(_answer.Value(HeaderName.Contact), out NameAddress contact));
        var writer = new SipWriter(_box.Edge.Inbound.Open());
        writer.RequestLine(method, contact.Uri);
        WriteHead(ref writer, place, method);
        writer.Header("To: "u8, _answer.Value(HeaderName.To));
        writer.Raw("CSeq: "u8);
        writer.Number(_cseqs[place]);
        writer.Byte((byte)' ');
        writer.Raw(method);
        writer.EndLine();
        if (method.SequenceEqual("INVITE"u8)) WriteContact(ref writer);
        writer.Raw(type);
        WriteBody(ref writer, body);
        Deliver(writer);
    }

    private void WriteInitialUri(ref SipWriter writer, scoped ReadOnlySpan<byte> method)
    {
        writer.Raw(method);
        writer.Raw(" sip:+4930123456@"u8);
        writer.Raw(_target);
        writer.Raw(";user=phone SIP/2.0\r\n"u8);
    }

    /// <param name="transaction">Method that the branch is made of: INVITE for its CANCEL and ACK to a failure.</param>
    private void WriteHead(ref SipWriter writer, int place, scoped ReadOnlySpan<byte> transaction)
    {
        writer.Raw("Via: SIP/2.0/UDP "u8);
        writer.Raw(_host);
        writer.Raw(":5060;rport;branch=z9hG4bK-524287-1---"u8);
        WriteSerial(ref writer, place);
        writer.Number(_cseqs[place]);
        writer.Raw(transaction);
        writer.Raw("\r\nMax-Forwards: 70\r\nFrom: \"Alice Example\" <sip:alice@"u8);
        writer.Raw(_target);
        writer.Raw(">;tag=a"u8);
        WriteSerial(ref writer, place);
        writer.Raw("\r\nCall-ID: 7f0000-"u8);
        WriteSerial(ref writer, place);
        writer.Raw("@phone.invalid\r\n"u8);
    }

    private void WriteSerial(ref SipWriter writer, int place)
    {
        Check.That(Utf8Formatter.TryFormat(_serials[place], writer.Rest, out int written, new('x', 8)));
        writer.Advance(written);
    }

    private void WriteToOfBox(ref SipWriter writer)
    {
        writer.Raw("To: <sip:+4930123456@"u8);
        writer.Raw(_target);
        writer.Raw(";user=phone>\r\n"u8);
    }

    private void WriteContact(ref SipWriter writer)
    {
        writer.Raw("Contact: <sip:alice@"u8);
        writer.Raw(_host);
        writer.Raw(":5060>\r\n"u8);
    }

    private static void WriteBody(ref SipWriter writer, scoped ReadOnlySpan<byte> body)
    {
        writer.Header("Content-Length: "u8, body.Length);
        writer.EndLine();
        writer.Raw(body);
    }

    private void Deliver(in SipWriter writer)
    {
        Check.That(!writer.Overflowed);
        _box.Edge.Inbound.Commit(writer.Length, _address);
    }

    private static byte[] Host(in TransportAddress address)
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        return text[..address.WriteHost(text)].ToArray();
    }
}
