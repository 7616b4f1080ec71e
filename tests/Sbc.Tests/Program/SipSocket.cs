using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sbc.Tests.Program;

/// <summary>A phone or a proxy of one socket, that says what a test writes.</summary>
public sealed class SipSocket(string address = "127.0.0.1") : IDisposable
{
    private static readonly TimeSpan ReceiveMax = TimeSpan.FromSeconds(20);

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Parse(address), 0));

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    public void Send(string message, IPEndPoint to) =>
        _socket.Send(Encoding.ASCII.GetBytes(message.ReplaceLineEndings("\r\n")), to);

    public void Invite(IPEndPoint to, string callId) => Send($"""
        INVITE sip:bob@{to} SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:{Port};branch=z9hG4bK{callId}
        Max-Forwards: 70
        From: "Alice" <sip:alice@example.net>;tag=1{callId}
        To: <sip:bob@example.net>
        Call-ID: {callId}
        CSeq: 1 INVITE
        Contact: <sip:alice@127.0.0.1:{Port}>
        Content-Length: 0


        """, to);

    /// <summary>The first message that begins so; others are passed over.</summary>
    public async Task<string> ReceiveAsync(string start)
    {
        using var late = new CancellationTokenSource(ReceiveMax);
        while (true)
        {
            UdpReceiveResult result = await _socket.ReceiveAsync(late.Token);
            string message = Encoding.ASCII.GetString(result.Buffer);
            if (message.StartsWith(start)) return message;
        }
    }

    public void Dispose() => _socket.Dispose();
}
