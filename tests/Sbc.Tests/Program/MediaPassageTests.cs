using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Xunit;

namespace Sbc.Tests.Program;

/// <summary>Media over the real kernel, through the whole program.</summary>
public sealed class MediaPassageTests
{
    private const string Elsewhere = "127.0.0.3";

    private static readonly TimeSpan ReceiveMax = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Media_of_a_call_that_passes_the_box_twice_goes_round_over_loopback()
    {
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Yaml(proxy.Port));
        // The box takes a URI of its own address for itself.
        using SipSocket alice = new(), bob = new(Elsewhere);
        using UdpClient mouth = new(new IPEndPoint(IPAddress.Loopback, 0));
        using UdpClient ear = new(new IPEndPoint(IPAddress.Parse(Elsewhere), 0));
        alice.Send(Request(box.Listener(0), alice.Port, "first", Sdp("127.0.0.1", PortOf(mouth))), box.Listener(0));
        string first = await proxy.ReceiveAsync("INVITE");
        proxy.Send(Request(new IPEndPoint(IPAddress.Parse(Elsewhere), bob.Port), proxy.Port, "second", Body(first)),
            box.Listener(1));
        string second = await bob.ReceiveAsync("INVITE");
        bob.Send(Ok(second, Elsewhere, bob.Port, Sdp(Elsewhere, PortOf(ear))), box.Listener(0));
        string answer = await proxy.ReceiveAsync("SIP/2.0 200");
        proxy.Send(Ok(first, "127.0.0.1", proxy.Port, Body(answer)), box.Listener(1));
        string answered = await alice.ReceiveAsync("SIP/2.0 200");

        await Pass(mouth, ear, MediaPort(answered));
        await Pass(ear, mouth, MediaPort(second));
        Assert.True(await box.MetricAsync("sbc_dropped_total{realm=\"core\",reason=\"own_port\"}") is null or "0");
    }

    /// <summary>RTP until one arrives: what comes before the commands of the call is lost.</summary>
    private static async Task Pass(UdpClient from, UdpClient to, int port)
    {
        using var late = new CancellationTokenSource(ReceiveMax);
        Task<UdpReceiveResult> arrival = to.ReceiveAsync(late.Token).AsTask();
        byte[] packet = new byte[172];
        packet[0] = 0x80;
        for (byte sequence = 1; !arrival.IsCompleted; sequence++)
        {
            packet[3] = sequence;
            await from.SendAsync(packet, new IPEndPoint(IPAddress.Loopback, port), late.Token);
            await Task.WhenAny(arrival, Task.Delay(20, late.Token));
        }
        Assert.Equal(172, (await arrival).Buffer.Length);
    }

    private static int PortOf(UdpClient socket) => ((IPEndPoint)socket.Client.LocalEndPoint!).Port;

    private static int MediaPort(string message) =>
        int.Parse(Regex.Match(message, @"m=audio (\d+)").Groups[1].Value, CultureInfo.InvariantCulture);

    private static string Body(string message) =>
        message[(message.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];

    private static string Sdp(string host, int port) =>
        $"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\n";

    private static string Request(IPEndPoint to, int port, string callId, string body) => $"""
        INVITE sip:bob@{to} SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{callId}
        Max-Forwards: 70
        From: <sip:alice@example.net>;tag={callId}
        To: <sip:bob@example.net>
        Call-ID: {callId}
        CSeq: 1 INVITE
        Contact: <sip:alice@127.0.0.1:{port}>
        Content-Type: application/sdp
        Content-Length: {body.Length}

        {body}
        """.ReplaceLineEndings("\r\n");

    private static string Ok(string request, string host, int port, string body)
    {
        string Field(string name) => Regex.Match(request, $@"\r\n({name}:[^\r]*)").Groups[1].Value;
        return $"""
            SIP/2.0 200 OK
            {Field("Via")}
            {Field("From")}
            {Field("To")};tag=answer
            {Field("Call-ID")}
            {Field("CSeq")}
            Contact: <sip:bob@{host}:{port}>
            Content-Type: application/sdp
            Content-Length: {body.Length}

            {body}
            """.ReplaceLineEndings("\r\n");
    }

    private static string Yaml(int proxy) => $$$"""
        workers: 2
        media_workers: 1
        realms:
          edge:
            listen: ["udp://127.0.0.1:0"]
            media: {address: 127.0.0.1, ports: 20000-20099}
          core:
            trust: trusted
            listen: ["udp://127.0.0.1:0"]
            media: {address: 127.0.0.2, ports: 20000-20099}
        peers:
          proxy: {realm: core, uri: "sip:127.0.0.1:{{{proxy}}}"}
        groups:
          farm: {peers: [proxy], probe: {interval_seconds: 0}}
        routes:
          - {name: inbound, from: edge, to: farm}
          - {name: outbound, from: core, to: request_uri, realm: edge}
        admin: {listen: "http://127.0.0.1:0"}
        """;
}
