using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Sbc.Engine.Routing;
using Sbc.Network.Dns;
using Sbc.Tests.Program;
using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>Peers by name against a real server, Debian's dnsmasq on loopback, and with it killed.</summary>
[Trait("tier", "peers")]
public sealed class DnsTests : IDisposable
{
    private readonly List<Process> _servers = [];

    public void Dispose()
    {
        foreach (Process server in _servers)
        {
            if (!server.HasExited) server.Kill();
            server.WaitForExit();
            server.Dispose();
        }
    }

    [Fact]
    public async Task Naptr_leads_to_srv_and_srv_to_addresses_with_priorities_and_weights()
    {
        IPEndPoint server = await StartAsync(
            "--naptr-record=farm.test,10,10,S,SIP+D2T,,_sip._tcp.farm.test",
            "--naptr-record=farm.test,20,10,S,SIP+D2U,,_sip._udp.other.test",
            "--srv-host=_sip._udp.other.test,a.test,5070,1,3", "--srv-host=_sip._udp.other.test,b.test,5080,2,1",
            "--host-record=a.test,127.0.0.21", "--host-record=b.test,127.0.0.22,fd00::22");
        LocationAnswer answer = await AskAsync(server, new LocationQuery(
            "farm.test", 0, 5060, "SIP+D2U", "_sip._udp", true, true));
        Assert.Equal(
            ["127.0.0.21:5070 1 3", "127.0.0.22:5080 2 1", "[fd00::22]:5080 2 1"],
            answer.Locations.Select(Text).Order(StringComparer.Ordinal));
        Assert.InRange(answer.TimeToLive.TotalSeconds, 1, 60);
    }

    [Fact]
    public async Task Without_naptr_srv_is_asked_and_without_srv_the_name_itself()
    {
        IPEndPoint server = await StartAsync(
            "--srv-host=_sip._udp.one.test,a.test,5070,0,0", "--host-record=a.test,127.0.0.21",
            "--host-record=two.test,127.0.0.31", "--host-record=two.test,127.0.0.32");
        await IsAsync(server, "one.test", 0, "127.0.0.21:5070 0 1");
        await IsAsync(server, "two.test", 0, "127.0.0.31:5060 0 1", "127.0.0.32:5060 0 1");
        await IsAsync(server, "two.test", 5099, "127.0.0.31:5099 0 1", "127.0.0.32:5099 0 1");
        await IsAsync(server, "none.test", 0);
    }

    [Fact]
    public async Task A_dead_server_is_no_answer()
    {
        IPEndPoint server = await StartAsync("--host-record=a.test,127.0.0.21");
        _servers[0].Kill();
        _servers[0].WaitForExit();
        await Assert.ThrowsAsync<DnsClient.DnsResponseException>(() => AskAsync(server, new LocationQuery(
            "a.test", 0, 5060, "SIP+D2U", "_sip._udp", true, false)));
    }

    [Fact]
    public async Task A_box_follows_its_names_keeps_them_while_dns_is_dead_and_moves_when_they_do()
    {
        int port = FreePort();
        Start(port, "--host-record=proxy.test,127.0.0.21", "--srv-host=_sip._udp.farm.test,a.test,5070,1,1",
            "--srv-host=_sip._udp.farm.test,b.test,5070,1,2", "--host-record=a.test,127.0.0.31",
            "--host-record=b.test,127.0.0.32");
        await using RunningBox box = await RunningBox.StartAsync($$"""
            workers: 1
            realms:
              core: {trust: trusted, listen: ["udp://127.0.0.1:0"]}
            peers:
              proxy: {realm: core, uri: "sip:proxy.test"}
            groups:
              farm:
                srv: _sip._udp.farm.test
                realm: core
                balance: weighted
                probe: {interval_seconds: 0}
            routes: [{from: core, to: [farm, proxy]}]
            dns: {servers: ["127.0.0.1:{{port}}"]}
            admin: {listen: "http://127.0.0.1:0"}
            """);
        await RunningBox.UntilAsync(() => Task.FromResult(Addresses(box) ==
            "farm 127.0.0.32:5070, farm:2 127.0.0.31:5070, proxy 127.0.0.21:5060"), "the first answers");
        MemberShare[] shares = box.Server.Workers.Snapshots.Current.Groups[0].Shares;
        Assert.Equal(2.0, shares[0].Weight / (double)shares[1].Weight, 1);
        _servers[0].Kill();
        _servers[0].WaitForExit();
        await box.UntilLoggedAsync("is not resolved");
        Assert.Equal("farm 127.0.0.32:5070, farm:2 127.0.0.31:5070, proxy 127.0.0.21:5060", Addresses(box));
        Start(port, "--host-record=proxy.test,127.0.0.22", "--srv-host=_sip._udp.farm.test,b.test,5070,1,2",
            "--srv-host=_sip._udp.farm.test,c.test,5070,1,2", "--host-record=b.test,127.0.0.32",
            "--host-record=c.test,127.0.0.33");
        await RunningBox.UntilAsync(() => Task.FromResult(Addresses(box) ==
            "farm 127.0.0.32:5070, farm:2 127.0.0.33:5070, proxy 127.0.0.22:5060"), "the new answers");
    }

    private static string Addresses(RunningBox box) => string.Join(", ",
        box.Server.Workers.Snapshots.Current.Peers.Select(peer => $"{peer.Name} {peer.Address}").Order());

    private static string Text(Location location) => $"{location.Address} {location.Priority} {location.Weight}";

    private static async Task IsAsync(IPEndPoint server, string name, int port, params string[] expected)
    {
        LocationAnswer answer = await AskAsync(
            server, new LocationQuery(name, port, 5060, "SIP+D2U", "_sip._udp", true, true));
        Assert.Equal(expected, answer.Locations.Select(Text).ToArray());
    }

    private static Task<LocationAnswer> AskAsync(IPEndPoint server, LocationQuery query) =>
        new LocationResolver([server]).ResolveAsync(query, CancellationToken.None);

    private async Task<IPEndPoint> StartAsync(params string[] records)
    {
        int port = FreePort();
        Start(port, records);
        var server = new IPEndPoint(IPAddress.Loopback, port);
        await RunningBox.UntilAsync(async () =>
        {
            try
            {
                await AskAsync(server, new LocationQuery("up.test", 1, 1, null, "_x", true, false));
                return true;
            }
            catch (DnsClient.DnsResponseException)
            {
                return false;
            }
        }, "dnsmasq answers");
        return server;
    }

    private void Start(int port, params string[] records)
    {
        var start = new ProcessStartInfo("dnsmasq") { RedirectStandardError = true };
        foreach (string argument in (string[])[
            "--keep-in-foreground", $"--port={port}", "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv",
            "--no-hosts", "--conf-file=/dev/null", "--local=/test/", "--local-ttl=1", "--user=root", "--pid-file=",
            .. records])
        {
            start.ArgumentList.Add(argument);
        }
        _servers.Add(Process.Start(start)!);
    }

    /// <summary>A port that was free a moment ago: dnsmasq cannot be asked which one it took.</summary>
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
