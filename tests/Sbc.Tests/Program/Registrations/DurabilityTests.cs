using System.Net;
using Sbc.Program.Commands;
using Sbc.Program.Registrations;
using Sbc.Tests.Engine.Config;
using Sbc.Tests.Peers;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Program.Registrations;

/// <summary>
/// The program as a process of its own, killed with kill -9, and with a file that is full or broken: who was registered
/// is called after the restart, and calls go on.
/// </summary>
public sealed class DurabilityTests(ITestOutputHelper output) : IDisposable
{
    private const int Phones = 300;

    private readonly ScratchFolder _folder = new();
    private readonly int _port = FreePort();
    private readonly int _admin = FreePort();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    private string Store => Path.Combine(_folder.Root, "registrations.db");

    private IPEndPoint Box => new(IPAddress.Loopback, _port);

    [Fact]
    public async Task After_kill_9_all_are_known_whose_batch_was_written_and_are_called_without_a_refresh()
    {
        using var phones = new PhoneBank(Box);
        using (PeerProcess sbc = Start())
        {
            for (int i = 0; i < Phones; i++) await phones.RegisterAsync(i);
            await RunningBox.UntilAsync(
                async () => await MetricAsync("sbc_registrations_stored_total") >= Phones, "the last batch");
            sbc.Signal("KILL");
            sbc.WaitForExit(20);
        }
        using PeerProcess again = Start();
        Assert.Equal(Phones, await MetricAsync("sbc_registrations_active"));
        foreach (int i in (int[])[0, 17, Phones - 1]) await phones.CallAsync(i);
    }

    [Fact]
    public async Task Killed_at_any_moment_it_loses_only_what_came_last_and_the_file_is_whole()
    {
        var random = new Random(7);
        for (int round = 0; round < 3; round++)
        {
            foreach (string part in (string[])["", "-wal", "-shm"]) File.Delete(Store + part);
            using var phones = new PhoneBank(Box);
            var answered = new List<long>();
            using (PeerProcess sbc = Start())
            {
                for (int last = random.Next(50, Phones); answered.Count < last;)
                {
                    await phones.RegisterAsync(answered.Count);
                    answered.Add(Environment.TickCount64);
                }
                sbc.Signal("KILL");
                sbc.WaitForExit(20);
            }
            long killed = Environment.TickCount64;
            int kept;
            using (var file = new RegistrationFile(Store))
            {
                // One worker: what is there is what came first.
                string[] users = [.. file.Load(0).Select(stored =>
                    System.Text.Encoding.ASCII.GetString(stored.Aor).Split('@')[0]).OrderBy(user => user.Length)
                    .ThenBy(user => user, StringComparer.Ordinal)];
                kept = users.Length;
                Assert.Equal(Enumerable.Range(0, kept).Select(i => $"user{i}"), users);
            }
            output.WriteLine($"{answered.Count} answered, {kept} kept; "
                + (kept == answered.Count ? "nothing was lost"
                    : $"the first one lost had its 200 at most {killed - answered[kept]} ms before the end"));
            using PeerProcess again = Start();
            Assert.Equal(kept, await MetricAsync("sbc_registrations_active"));
            if (kept > 0) await phones.CallAsync(kept - 1);
        }
    }

    [Fact]
    public async Task A_disk_that_is_full_stops_no_registration_and_no_call_and_is_written_when_it_has_room()
    {
        using var phones = new PhoneBank(Box);
        // No file may grow beyond 100 kB, which an ignored SIGXFSZ makes an error of the write.
        using PeerProcess sbc = Start("trap '' XFSZ; ulimit -S -f 100; ");
        for (int i = 0; i < Phones; i++) await phones.RegisterAsync(i);
        await RunningBox.UntilAsync(
            async () => await MetricAsync("sbc_registrations_store_errors_total") > 0, "a write that failed");
        sbc.WaitFor("registrations_store_down");
        Assert.Equal(Phones, await MetricAsync("sbc_registrations_active"));
        await phones.CallAsync(Phones - 1);
        using (var more = new PeerProcess("prlimit", "--pid", $"{sbc.Id}", "--fsize=unlimited:unlimited"))
            Assert.Equal(0, more.WaitForExit(20));
        sbc.WaitFor("registrations_store_up", 40);
        sbc.Signal("KILL");
        sbc.WaitForExit(20);
        using PeerProcess again = Start();
        Assert.Equal(Phones, await MetricAsync("sbc_registrations_active"));
    }

    [Theory]
    [InlineData("not a database")]
    [InlineData("a page of it")]
    [InlineData("its end")]
    public async Task It_does_not_start_with_a_broken_file_and_says_how_to_repair_it(string what)
    {
        WriteFile(200);
        byte[] bytes = await File.ReadAllBytesAsync(Store);
        Assert.True(bytes.Length > 20_000);
        if (what == "not a database") new Random(1).NextBytes(bytes.AsSpan(0, 4096));
        if (what == "a page of it") new Random(1).NextBytes(bytes.AsSpan(4096, bytes.Length - 8192));
        if (what == "its end") bytes = bytes[..(bytes.Length / 2)];
        await File.WriteAllBytesAsync(Store, bytes);
        var error = new StringWriter();
        int code = await RunCommand.RunAsync(
            _folder.Write("sbc.yaml", Yaml()), new FixedFacts(), TextWriter.Null, error);
        Assert.Equal(1, code);
        Assert.Contains($"{Store} is broken", error.ToString());
        Assert.Contains(".recover", error.ToString());
    }

    [Fact]
    public void A_log_that_was_cut_short_costs_its_last_batches_and_not_the_file()
    {
        using (var file = new RegistrationFile(Store))
        {
            for (int i = 0; i < 50; i++)
            {
                file.Begin();
                file.Insert(Stored(i));
                file.Commit();
                file.End();
            }
            File.Copy(Store, Store + ".copy");
            byte[] log = File.ReadAllBytes(Store + "-wal");
            File.WriteAllBytes(Store + ".copy-wal", log[..(log.Length * 2 / 3)]);
        }
        using var copy = new RegistrationFile(Store + ".copy");
        string[] users = [.. copy.Load(0).Select(stored => System.Text.Encoding.ASCII.GetString(stored.Aor))];
        Assert.InRange(users.Length, 20, 49);
        Assert.Equal(Enumerable.Range(0, users.Length).Select(i => $"user{i}@example.net"), users);
    }

    private void WriteFile(int bindings)
    {
        using var file = new RegistrationFile(Store);
        file.Begin();
        for (int i = 0; i < bindings; i++) file.Insert(Stored(i));
        file.Commit();
        file.End();
    }

    private static StoredBinding Stored(int number) => new(
        System.Text.Encoding.ASCII.GetBytes($"user{number}@example.net"), new byte[60], new byte[40], 1, [], [], 0,
        [], [], 1000, 0, "127.0.0.1:5060", "127.0.0.1:5062", long.MaxValue / 2, 1);

    /// <summary>The program, as the tests were built, from a shell that may say something first.</summary>
    private PeerProcess Start(string before = "")
    {
        string program = Path.Combine(AppContext.BaseDirectory, "sbc");
        string config = _folder.Write("sbc.yaml", Yaml());
        return new PeerProcess("sh", "-c",
            $"{before}export DOTNET_EnableWriteXorExecute=0; exec '{program}' run --config '{config}'")
            .WaitFor("sbc ready");
    }

    private string Yaml() => $$"""
        workers: 1
        realms:
          edge:
            listen: "udp://127.0.0.1:{{_port}}"
            limits: {registrations_per_second_per_source: 100000, messages_per_second_per_source: 100000}
        routes: [{from: edge, to: registered}]
        registrar:
          domains: [example.net]
          users:
        {{PhoneBank.Users(Phones)}}
        admin: {listen: "http://127.0.0.1:{{_admin}}"}
        """;

    private async Task<long> MetricAsync(string name)
    {
        string page = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_admin}/metrics"));
        string line = page.Split('\n').First(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return (long)double.Parse(line[(name.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    private static int FreePort()
    {
        using var probe = new SipSocket();
        return probe.Port;
    }
}
