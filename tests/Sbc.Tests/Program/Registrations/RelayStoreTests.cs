using System.Net;
using Xunit;

namespace Sbc.Tests.Program.Registrations;

/// <summary>What a core registrar has confirmed outlives a restart: its Contact leads to the phone, which is known.
/// </summary>
public sealed class RelayStoreTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task After_a_restart_the_core_reaches_the_phone_and_its_refresh_is_answered_here()
    {
        using var phone = new SipSocket();
        using var registrar = new SipSocket();
        int edge = FreePort(), core = FreePort();
        string yaml = Yaml(edge, core, registrar.Port, Path.Combine(_folder.Root, "kept.db"));
        string contact;
        await using (RunningBox first = await RunningBox.StartAsync(yaml))
        {
            Register(phone, first.Listener(0), 1);
            string register = await registrar.ReceiveAsync("REGISTER sip:example.net");
            contact = Line(register, "Contact").Split('<')[1].Split('>')[0];
            registrar.Send($"""
                SIP/2.0 200 OK
                Via:{Line(register, "Via")}
                From:{Line(register, "From")}
                To:{Line(register, "To")};tag=1
                Call-ID:{Line(register, "Call-ID")}
                CSeq:{Line(register, "CSeq")}
                Contact: <{contact}>;expires=3600
                P-Associated-URI: <tel:+4930123>
                Service-Route: <sip:orig@127.0.0.1:9;lr>
                Content-Length: 0


                """, first.Listener(1));
            await phone.ReceiveAsync("SIP/2.0 200");
        }
        await using RunningBox box = await RunningBox.StartAsync(yaml);
        await box.UntilLoggedAsync("1 registrations are known");
        Register(phone, box.Listener(0), 2);
        Assert.Contains("P-Associated-URI: <tel:+4930123>", await phone.ReceiveAsync("SIP/2.0 200"));
        registrar.Send($"""
            MESSAGE {contact} SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:{registrar.Port};branch=z9hG4bKm
            Max-Forwards: 70
            From: <sip:bob@example.net>;tag=1
            To: <sip:alice@example.net>
            Call-ID: m
            CSeq: 1 MESSAGE
            Content-Length: 0


            """, box.Listener(1));
        await phone.ReceiveAsync("MESSAGE sip:alice@10.1.2.3");
        phone.Send($"""
            MESSAGE sip:bob@example.net SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:{phone.Port};rport;branch=z9hG4bKn
            Max-Forwards: 70
            From: <sip:alice@example.net>;tag=1
            To: <sip:bob@example.net>
            Call-ID: n
            CSeq: 1 MESSAGE
            Content-Length: 0


            """, box.Listener(0));
        string message = await registrar.ReceiveAsync("MESSAGE sip:bob@example.net");
        Assert.Contains("Route: <sip:orig@127.0.0.1:9;lr>", message);
    }

    private static string Line(string message, string name) =>
        message.Split($"\r\n{name}:")[1].Split("\r\n")[0];

    private static int FreePort()
    {
        using var probe = new SipSocket();
        return probe.Port;
    }

    private static string Yaml(int edge, int core, int registrar, string store) => $$"""
        realms:
          edge: {listen: "udp://127.0.0.1:{{edge}}"}
          core: {trust: trusted, listen: "udp://127.0.0.1:{{core}}"}
        peers: {registrar: {realm: core, uri: "sip:127.0.0.1:{{registrar}}"} }
        groups: {farm: {peers: [registrar], probe: {interval_seconds: 0} } }
        routes:
          - {from: edge, to: farm}
          - {from: core, to: request_uri, realm: edge}
        registrar: {mode: relay, to: farm, domains: [example.net], store: {{store}}}
        admin: {listen: "http://127.0.0.1:0"}
        """;

    private static void Register(SipSocket phone, IPEndPoint box, int number) => phone.Send(
        "REGISTER sip:example.net SIP/2.0\r\n" +
        $"Via: SIP/2.0/UDP 127.0.0.1:{phone.Port};rport;branch=z9hG4bK{number}\r\n" +
        "Max-Forwards: 70\r\nFrom: <sip:alice@example.net>;tag=1\r\nTo: <sip:alice@example.net>\r\nCall-ID: r\r\n" +
        $"CSeq: {number} REGISTER\r\nContact: <sip:alice@10.1.2.3>\r\nContent-Length: 0\r\n\r\n",
        box);
}
