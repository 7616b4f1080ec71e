using System.Text;
using Sbc.Engine.Registrations;
using Sbc.Program.Registrations;
using Sbc.Runtime;
using Sbc.Simulation;
using Sbc.Tests.Program;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>
/// Phones that register well and badly at a registrar of the box's own, attackers among them, and callers of them all;
/// a model watches the wire, and the file is compared with the table.
/// </summary>
internal sealed class RegistrationStorm : IDisposable
{
    private static readonly TransportAddress Edge = Address.Of("192.0.2.10:5060");

    private readonly ScratchFolder _folder = new();
    private readonly RegistrationStore _store;
    private readonly string _file;
    private readonly Xoshiro _random;
    private readonly LocalPhone[] _phones;
    private readonly Caller[] _callers;
    private readonly LocationModel _model;
    private readonly string[] _users;
    private readonly StreamWriter? _trace;
    private int _port = 20_000;
    private int _answered;
    private int _placed;

    public RegistrationStorm(ulong seed, NetworkProfile profile, int users, int workers = 3)
    {
        Simulator = new Simulator(seed);
        Simulator.Network.AddNetwork("edge", profile, "203.0.113.0/24", "192.0.2.0/24");
        _random = Simulator.Random.Fork();
        _users = [.. Enumerable.Range(0, users).Select(i => $"u{i}")];
        Box = new SimulatedBox(Simulator, Yaml(), workers, mediaWorkers: 0);
        _file = Path.Combine(_folder.Root, "storm.db");
        _store = new RegistrationStore(
            _file, Box.Workers, _ => { }, () => Simulator.Now, _ => 0);
        // A user has one or two devices, behind a NAT that he may share with others, or not.
        _phones = [.. _users.SelectMany(user => Enumerable.Range(0, (int)_random.Between(1, 2)).Select(device =>
        {
            long host = _random.Below(users) + 1;
            string? inside = _random.Chance(0.5) ? $"192.168.{_users.IndexOf(user)}.{device + 1}" : null;
            return new LocalPhone(Simulator, user, device, _random.Chance(0.3) ? 2 : 1, Edge,
                () => Address.Of($"203.0.113.{host}:{++_port}"), inside);
        }))];
        _callers = [.. Enumerable.Range(0, 5).Select(i => new Caller(
            Simulator, $"caller{i}", Address.Of($"203.0.113.{200 + i}:5060"), Edge))];
        if (Environment.GetEnvironmentVariable("SBC_STORM_TRACE") is { } trace)
        {
            _trace = new StreamWriter(trace, append: false, Encoding.Latin1);
            Simulator.Network.Sent += _trace.WriteLine;
        }
        _model = new LocationModel(Box, Simulator, Edge, _users);
    }

    public Simulator Simulator { get; }

    public SimulatedBox Box { get; }

    /// <summary>What came of it, for whoever reads the test's output.</summary>
    public string Figures => $"seed {Simulator.Seed}: {_model.Registered} registered, {_model.Refused} refused, "
        + $"{_model.CallsSent} calls sent, {_model.CallsToNobody} to nobody, {_answered} answered";

    private string Yaml() => $$"""
        realms:
          edge:
            listen: [udp://192.0.2.10:5060]
            limits:
              {messages_per_second_per_source: 100000, registrations_per_second_per_source: 100000,
               calls_per_second: 100000, calls_max: 100000}
        registrar:
          domains: [example.net]
          users:
        {{string.Concat(_users.Select(user => $"    - {{user: {user}, password: {user}}}\n"))}}
        routes:
          - {from: edge, to: registered}
        """;

    /// <summary>So many things happen, one after the other.</summary>
    public void Run(int events)
    {
        foreach (LocalPhone phone in _phones) Simulator.After(_random.Below(2000), () => phone.RegisterAll());
        Simulator.RunFor(5000);
        for (int i = 0; i < events; i++)
        {
            Disturb(_random.Pick(_phones));
            if (_random.Chance(0.6)) Call();
            Simulator.RunFor(_random.Below(1500));
            if (i % 20 == 0) CompareStore();
            if (i % 50 == 0) AssertNoFaults();
        }
        CompareStore();
        AssertNoFaults();
    }

    private void Disturb(LocalPhone phone)
    {
        int line = (int)_random.Below(phone.Lines);
        string contact = phone.Contact(line);
        KilledHost how = _random.Chance(0.5) ? KilledHost.Silent : KilledHost.PortUnreachable;
        switch (_random.Below(16))
        {
            case 0:
                phone.Register(line, [phone.Contact(line, 1, ";q=0.5"), phone.Contact(line, 2, ";q=0.5"),
                    phone.Contact(line, 3, $";q=0.{_random.Between(1, 9)}")]);
                break;
            case 1:
                phone.Register(line, [phone.Contact(line, (int)_random.Below(4), ";expires=0")]);
                break;
            case 2:
                phone.Register(line, ["*"], "0");
                break;
            case 3:
                phone.Move(line, how);
                if (_random.Chance(0.8)) phone.Register(line, [phone.Contact(line)]);
                break;
            case 4:
                phone.Vanish(how);
                Simulator.After(_random.Below(200_000), phone.Boot);
                break;
            case 5:
                phone.Register(line, [contact], isWrong: true);
                break;
            case 6:
                phone.Register(line, [contact + (_random.Chance(0.5) ? ";expires=0" : "")], back: 2);
                break;
            case 7:
                phone.Register(line, [Wrong(phone, line)], _random.Chance(0.5) ? "30" : "");
                break;
            case 8:
                // Somebody else's.
                phone.Register(line, [contact], to: _random.Pick(_users));
                break;
            case 9:
                phone.Register(line, []);
                break;
            case 10:
                phone.Register(line, [contact], "60");
                break;
            case 11:
                phone.Register(line, [.. Enumerable.Range(0, 12).Select(i => phone.Contact(line, 20 + i))]);
                break;
            default:
                // Also what is late: nobody has refreshed for as long as chance had it.
                phone.RegisterAll();
                break;
        }
    }

    private string Wrong(LocalPhone phone, int line) => _random.Below(4) switch
    {
        0 => phone.Contact(line, 0, ";q=2"),
        1 => phone.Contact(line, 0, ";expires=59"),
        2 => "*",
        _ => $"{phone.Contact(line)}, {phone.Contact(line)}",
    };

    private void Call()
    {
        _placed++;
        bool isMessage = _random.Chance(0.5);
        string user = _random.Chance(0.05) ? "nobody" : _random.Pick(_users);
        _random.Pick(_callers).New(new CallScript
        {
            Method = isMessage ? "MESSAGE" : "INVITE", User = user, Domain = "example.net",
            HangUpAfter = _random.Between(100, 3000), RingingMax = 40_000,
        }, Settled).Place();
    }

    private void Settled(Placement call)
    {
        if (call.FinalStatus is >= 200 and < 300) _answered++;
    }

    /// <summary>What the file has is what the table has.</summary>
    private void CompareStore()
    {
        _model.CompareTable();
        Assert.True(_store.TryKeep());
        using var file = new RegistrationFile(_file);
        string[] kept = [.. file.Load(Simulator.Now.Microseconds).Select(stored =>
            $"{Text(stored.Aor)} {Text(stored.Contact)} {stored.Remote} {stored.CSeq} {stored.ExpiresAt}").Order()];
        string[] known = [.. _users.SelectMany(user => Table(user)).Order()];
        Assert.True(known.SequenceEqual(kept), $"{Figures}\nthe file has\n{string.Join('\n', kept.Except(known))}\n"
            + $"and not\n{string.Join('\n', known.Except(kept))}");
    }

    private IEnumerable<string> Table(string user)
    {
        var found = new FoundBindings();
        Assert.True(Box.Workers.Locations.TryRead(
            Encoding.ASCII.GetBytes($"{user}@example.net"), Simulator.Now, found));
        for (int i = 0; i < found.Count; i++)
        {
            yield return $"{user}@example.net {Text(found.Text(i).Contact)} {found[i].Remote} {found[i].CSeq} "
                + $"{found[i].ExpiresAt.Microseconds}";
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.ASCII.GetString(bytes);

    private void AssertNoFaults() =>
        Assert.True(_model.Faults.Count == 0, $"{Figures}\n{string.Join('\n', _model.Faults.Take(3))}");

    /// <summary>All are switched off, everything expires, and nothing is left.</summary>
    public void End()
    {
        foreach (LocalPhone phone in _phones) phone.Vanish(KilledHost.Silent);
        Assert.True(Simulator.RunUntil(() => Box.Alive == 0 && Simulator.TimersPending == 0, 8_000_000),
            $"{Figures}: alive: {Box.Alive}");
        CompareStore();
        AssertNoFaults();
        Assert.Equal(0, Box.Workers.Locations.Count);
        for (int i = 0; i < Box.Workers.Locations.Workers; i++)
            Assert.Equal(0, Box.Workers.Locations.Shard(i).Blocks);
        foreach ((string what, Func<bool> holds) in Box.Laws) Assert.True(holds(), $"{Figures}: {what}");
        Assert.Empty(Simulator.Reports);
        foreach (UserAgent agent in _callers.Concat(_phones.SelectMany(phone => phone.Agents)))
        {
            // Of several phones that were asked in turn the last one may answer when nobody waits any more.
            string[] wrong = [.. agent.Violations.Where(what => !what.Contains("a response to nothing"))];
            Assert.True(wrong.Length == 0, $"{Figures}\n{string.Join('\n', wrong)}");
        }
        Assert.True(_model.Registered > 0 && _model.CallsSent * 3 > _placed && _answered * 5 > _placed, Figures);
    }

    public void Dispose()
    {
        _trace?.Dispose();
        _store.Dispose();
        _folder.Dispose();
    }
}
