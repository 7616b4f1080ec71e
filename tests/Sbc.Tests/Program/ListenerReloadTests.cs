using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Sbc.Tests.Program;

/// <summary>Listeners and realms that come and go with a reload, on the real kernel.</summary>
public sealed class ListenerReloadTests
{
    private const string OneListener = "edge: {listen: [\"udp://127.0.0.1:0\"]}";
    private const string TwoListeners = "edge: {listen: [\"udp://127.0.0.1:0\", \"udp://127.0.0.6:0\"]}";
    private const string OtherListener = "edge: {listen: [\"udp://127.0.0.6:0\"]}";

    [Fact]
    public async Task A_listener_that_a_reload_adds_takes_calls()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port));
        await ReloadAsync(box, Samples.To(proxy.Port).Replace(OneListener, TwoListeners));
        IPEndPoint added = Bound(box, "127.0.0.6");
        phone.Invite(added, "added");
        string invite = await proxy.ReceiveAsync("INVITE");
        Assert.Contains($"SIP/2.0/UDP 127.0.0.1:{Bound(box, "127.0.0.1", 1).Port}", invite);
    }

    [Fact]
    public async Task A_listener_that_is_gone_serves_its_calls_to_their_end_and_no_new_one()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port));
        IPEndPoint first = box.Listener(0);
        phone.Invite(first, "kept");
        string invite = await proxy.ReceiveAsync("INVITE");
        await ReloadAsync(box, Samples.To(proxy.Port).Replace(OneListener, OtherListener));
        proxy.Send(Answer(invite, "200 OK", proxy.Port), box.Listener(1));
        string answer = await phone.ReceiveAsync("SIP/2.0 200");
        phone.Send(InDialog("ACK", 1, answer, phone.Port), first);
        await proxy.ReceiveAsync("ACK");
        phone.Invite(first, "refused");
        Assert.Contains("Retry-After", await phone.ReceiveAsync("SIP/2.0 503"));
        phone.Invite(Bound(box, "127.0.0.6"), "taken");
        await proxy.ReceiveAsync("INVITE");
        phone.Send(InDialog("BYE", 2, answer, phone.Port), first);
        string bye = await proxy.ReceiveAsync("BYE");
        proxy.Send(Answer(bye, "200 OK", proxy.Port), box.Listener(1));
        await phone.ReceiveAsync("SIP/2.0 200");
    }

    [Fact]
    public async Task A_port_that_cannot_be_bound_refuses_the_reload_and_nothing_changes()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        using var other = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int taken = ((IPEndPoint)other.Client.LocalEndPoint!).Port;
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port));
        box.Write(Samples.To(proxy.Port).Replace(OneListener,
            $"edge: {{listen: [\"udp://127.0.0.1:0\", \"udp://127.0.0.6:0\", \"udp://127.0.0.1:{taken}\"]}}"));
        (int status, string body) = await box.PostAsync("/api/v1/reload");
        Assert.Equal(422, status);
        Assert.Contains($"cannot bind udp 127.0.0.1:{taken}", body);
        Assert.Equal(2, box.Server.Listeners.Sockets.Count());
        Assert.Equal(1, box.Server.Workers.Snapshots.Current.Generation);
        phone.Invite(box.Listener(0), "as-before");
        await proxy.ReceiveAsync("INVITE");
        other.Dispose();
        Assert.Equal(200, (await box.PostAsync("/api/v1/reload")).Status);
        phone.Invite(new IPEndPoint(IPAddress.Loopback, taken), "now");
        await proxy.ReceiveAsync("INVITE");
    }

    [Fact]
    public async Task A_realm_comes_with_its_listener_and_goes_with_it()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        string yaml = Samples.To(proxy.Port);
        await using RunningBox box = await RunningBox.StartAsync(yaml);
        await ReloadAsync(box, yaml.Replace("realms:", "realms:\n  third: {listen: [\"udp://127.0.0.7:0\"]}")
            .Replace("routes:", "routes:\n  - {name: late, from: third, to: farm}"));
        IPEndPoint third = Bound(box, "127.0.0.7");
        phone.Invite(third, "third");
        await proxy.ReceiveAsync("INVITE");
        await ReloadAsync(box, yaml);
        phone.Invite(third, "gone");
        await phone.ReceiveAsync("SIP/2.0 503");
        await ReloadAsync(box, yaml.Replace("realms:", "realms:\n  third: {listen: [\"udp://127.0.0.7:0\"]}")
            .Replace("routes:", "routes:\n  - {name: late, from: third, to: farm}"));
        Assert.Equal(third, Bound(box, "127.0.0.7"));
        phone.Invite(third, "again");
        await proxy.ReceiveAsync("INVITE");
        Assert.Equal("3", await box.MetricAsync("sbc_messages_received_total{realm=\"third\",transport=\"udp\"," +
            "method=\"INVITE\"}"));
    }

    [Fact]
    public async Task An_address_that_goes_to_another_realm_must_be_free_of_the_first_one()
    {
        using var proxy = new SipSocket();
        int port = FreePort();
        string yaml = Samples.To(proxy.Port).Replace(OneListener,
            $"edge: {{listen: [\"udp://127.0.0.1:0\", \"udp://127.0.0.6:{port}\"]}}");
        await using RunningBox box = await RunningBox.StartAsync(yaml);
        box.Write(Samples.To(proxy.Port).Replace("trust: trusted, listen: [",
            $"trust: trusted, listen: [\"udp://127.0.0.6:{port}\", "));
        (int status, string body) = await box.PostAsync("/api/v1/reload");
        Assert.Equal(422, status);
        Assert.Contains("is still open in realm", body);
    }

    private static async Task ReloadAsync(RunningBox box, string yaml)
    {
        box.Write(yaml);
        (int status, string body) = await box.PostAsync("/api/v1/reload");
        Assert.True(status == 200, body);
        using JsonDocument report = JsonDocument.Parse(body);
        Assert.True(report.RootElement.GetProperty("adopted").GetBoolean());
    }

    private static IPEndPoint Bound(RunningBox box, string address, int place = 0) => IPEndPoint.Parse(
        box.Server.Listeners.Sockets.Select(socket => $"{socket.Local}").Where(text => text.StartsWith(address + ":"))
            .ElementAt(place));

    private static int FreePort()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.6"), 0));
        return ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
    }

    private static string Answer(string request, string status, int port)
    {
        string[] copied = [.. request.Split("\r\n").Where(line =>
            Regex.IsMatch(line, "^(Via|From|Call-ID|CSeq):", RegexOptions.IgnoreCase))];
        string to = request.Split("\r\n").First(line => line.StartsWith("To:"));
        if (!to.Contains("tag=")) to += ";tag=callee";
        return $"SIP/2.0 {status}\r\n{string.Join("\r\n", copied)}\r\n{to}\r\n" +
            $"Contact: <sip:bob@127.0.0.1:{port}>\r\nContent-Length: 0\r\n\r\n";
    }

    private static string InDialog(string method, int cseq, string answer, int port)
    {
        string Line(string name) => answer.Split("\r\n").First(line => line.StartsWith(name));
        string target = Regex.Match(Line("Contact:"), "<(.*?)>").Groups[1].Value;
        return $"{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{method}{cseq}\r\n" +
            $"Max-Forwards: 70\r\n{Line("From:")}\r\n{Line("To:")}\r\n{Line("Call-ID:")}\r\nCSeq: {cseq} {method}\r\n" +
            "Content-Length: 0\r\n\r\n";
    }
}
