using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;
using Sbc.Program.Registrations;
using Xunit;

namespace Sbc.Tests.Program.Registrations;

/// <summary>Registrations in their file: over restarts, kill -9, and when the file is locked or broken.</summary>
public sealed class RegistrationStoreTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_registered_is_in_the_file_though_nobody_closed_it()
    {
        await using RunningBox box = await RunningBox.StartAsync(Yaml());
        using var phone = new SipSocket();
        await RegisterAsync(phone, box.Listener(0));
        await RunningBox.UntilAsync(
            () => Task.FromResult(box.Server.Registrations!.Written > 0), "the batch was written");
        // What kill -9 leaves: the file and its log as they are, with nobody's goodbye.
        string store = Path.Combine(Path.GetDirectoryName(box.File)!, "registrations.db");
        string copy = Path.Combine(_folder.Root, "copy.db");
        File.Copy(store, copy);
        File.Copy(store + "-wal", copy + "-wal");
        using var file = new RegistrationFile(copy);
        StoredBinding binding = Assert.Single(file.Load(0));
        Assert.Equal("alice@example.net", Encoding.ASCII.GetString(binding.Aor));
        Assert.Equal($"127.0.0.1:{phone.Port}", binding.Remote);
        Assert.Equal($"{box.Listener(0)}", binding.Listener);
    }

    [Fact]
    public async Task A_locked_file_stops_no_registration_and_is_written_later()
    {
        await using RunningBox box = await RunningBox.StartAsync(Yaml());
        using var phone = new SipSocket();
        string store = Path.Combine(Path.GetDirectoryName(box.File)!, "registrations.db");
        using (var other = new SqliteConnection($"Data Source={store};Pooling=False"))
        {
            other.Open();
            using SqliteTransaction held = other.BeginTransaction(deferred: false);
            await RegisterAsync(phone, box.Listener(0));
            await box.UntilLoggedAsync("registrations cannot be written");
            Assert.Equal("1", await box.MetricAsync("sbc_registrations_active"));
        }
        await box.UntilLoggedAsync("is written again");
        using var file = new RegistrationFile(store);
        Assert.Single(file.Load(0));
    }

    [Fact]
    public void A_broken_file_is_refused_with_the_way_to_repair_it()
    {
        string path = _folder.Write("broken.db", new string('x', 5000));
        var broken = Assert.Throws<RegistrationFileException>(() => new RegistrationFile(path));
        Assert.Contains(".recover", broken.Message);
    }

    [Fact]
    public async Task A_user_is_listed_and_removed()
    {
        await using RunningBox box = await RunningBox.StartAsync(Yaml());
        using var phone = new SipSocket();
        await RegisterAsync(phone, box.Listener(0));
        var list = await box.JsonAsync("/api/v1/registrations?user=ali");
        Assert.Equal(1, list.GetProperty("registrations_active").GetInt64());
        var binding = list.GetProperty("registrations")[0];
        Assert.Equal("alice@example.net", binding.GetProperty("user").GetString());
        Assert.Equal($"127.0.0.1:{phone.Port}", binding.GetProperty("source").GetString());
        Assert.Empty((await box.JsonAsync("/api/v1/registrations?user=bob")).GetProperty("registrations")
            .EnumerateArray());
        Assert.Equal(200, (await box.SendAsync(HttpMethod.Delete, "/api/v1/registrations/alice")).Status);
        Assert.Equal(404, (await box.SendAsync(HttpMethod.Delete, "/api/v1/registrations/alice")).Status);
        Assert.Equal("0", await box.MetricAsync("sbc_registrations_active"));
    }

    [Fact]
    public async Task After_a_restart_it_is_known_where_the_phone_is()
    {
        int port = FreePort();
        using var phone = new SipSocket();
        string store = Path.Combine(_folder.Root, "kept.db");
        await using (RunningBox first = await RunningBox.StartAsync(Yaml(port, store)))
        {
            await RegisterAsync(phone, first.Listener(0));
        }
        await using RunningBox box = await RunningBox.StartAsync(Yaml(port, store));
        await box.UntilLoggedAsync("1 registrations are known");
        using var caller = new SipSocket();
        caller.Send($"""
            MESSAGE sip:alice@example.net SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:{caller.Port};branch=z9hG4bKm
            Max-Forwards: 70
            From: <sip:bob@example.net>;tag=1
            To: <sip:alice@example.net>
            Call-ID: m
            CSeq: 1 MESSAGE
            Content-Length: 0


            """, box.Listener(0));
        await phone.ReceiveAsync("MESSAGE sip:alice@10.1.2.3");
    }

    [Fact]
    public async Task A_temporary_gruu_leads_to_its_phone_after_a_restart()
    {
        int port = FreePort();
        string store = Path.Combine(_folder.Root, "kept.db");
        using var phone = new DigestPhone("alice", "wonderland")
        {
            Contact = ";expires=60;+sip.instance=\"<urn:uuid:00000000-0000-0000-0000-000000000001>\"\r\n" +
                "Supported: gruu\r\n",
        };
        string gruu;
        await using (RunningBox first = await RunningBox.StartAsync(Yaml(port, store)))
        {
            Assert.Equal(200, await phone.RegisterAsync(first.Listener(0)));
            gruu = phone.Answer.Split("temp-gruu=\"")[1].Split('"')[0];
        }
        await using RunningBox box = await RunningBox.StartAsync(Yaml(port, store));
        using var caller = new SipSocket();
        caller.Send($"""
            MESSAGE {gruu} SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:{caller.Port};branch=z9hG4bKm
            Max-Forwards: 70
            From: <sip:bob@example.net>;tag=1
            To: <{gruu}>
            Call-ID: m
            CSeq: 1 MESSAGE
            Content-Length: 0


            """, box.Listener(0));
        await phone.ReceiveAsync("MESSAGE sip:alice@10.1.2.3");
    }

    private static int FreePort()
    {
        using var probe = new SipSocket();
        return probe.Port;
    }

    private static string Yaml(int port = 0, string store = "registrations.db") => $$"""
        realms:
          edge: {listen: "udp://127.0.0.1:{{port}}"}
        routes: [{from: edge, to: registered}]
        registrar:
          domains: [example.net]
          store: {{store}}
          users: [{user: alice, password: wonderland}]
        admin: {listen: "http://127.0.0.1:0"}
        """;

    private static async Task RegisterAsync(SipSocket phone, IPEndPoint box)
    {
        Register(phone, box, 1, "");
        string challenge = await phone.ReceiveAsync("SIP/2.0 401");
        string nonce = challenge.Split("nonce=\"")[1].Split('"')[0];
        string response = Hash($"{Hash("alice:example.net:wonderland")}:{nonce}:00000001:c:auth:" +
            Hash("REGISTER:sip:example.net"));
        Register(phone, box, 2, "Authorization: Digest username=\"alice\", realm=\"example.net\", " +
            $"nonce=\"{nonce}\", uri=\"sip:example.net\", response=\"{response}\", algorithm=SHA-256, qop=auth, " +
            "nc=00000001, cnonce=\"c\"\r\n");
        await phone.ReceiveAsync("SIP/2.0 200");
    }

    private static void Register(SipSocket phone, IPEndPoint box, int number, string credentials) => phone.Send(
        "REGISTER sip:example.net SIP/2.0\r\n" +
        $"Via: SIP/2.0/UDP 127.0.0.1:{phone.Port};rport;branch=z9hG4bK{number}\r\n" +
        "Max-Forwards: 70\r\nFrom: <sip:alice@example.net>;tag=1\r\nTo: <sip:alice@example.net>\r\n" +
        $"Call-ID: r\r\nCSeq: {number} REGISTER\r\nContact: <sip:alice@10.1.2.3>;expires=60\r\n{credentials}" +
        "Content-Length: 0\r\n\r\n", box);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
