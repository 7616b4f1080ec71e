using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>Phones that move, vanish and come back, a box in front of registrars that die and forget, and a model of
/// who can be reached.</summary>
public sealed class RelayStorm
{
    private readonly Xoshiro _random;
    private int _port = 20_000;
    private int _questions;

    public RelayStorm(ulong seed, NetworkProfile edge, int phones, int registrars = 1, int workers = 3,
        int perSecond = 200, int probeSeconds = 2)
    {
        Simulator = new Simulator(seed);
        Simulator.Network.AddNetwork("edge", edge, "203.0.113.0/24", "192.0.2.0/24");
        Simulator.Network.AddNetwork("core", NetworkProfile.Lan, "10.0.0.0/8");
        _random = Simulator.Random.Fork();
        string[] names = [.. Enumerable.Range(0, registrars).Select(i => $"registrar-{i}")];
        string peers = string.Concat(names.Select((name, i) =>
            $"  {name}: {{realm: core, uri: \"sip:10.0.0.{41 + i}\"}}\n"));
        Yaml = probe => $$"""
            realms:
              edge:
                listen: [udp://192.0.2.10:5060]
                limits: {messages_per_second_per_source: 100000}
              core: {trust: trusted, listen: [udp://10.0.0.10:5060]}
            peers:
            {{peers}}
            groups:
              registrars: {peers: [{{string.Join(", ", names)}}], probe: {interval_seconds: {{probe}}, down_after: 2} }
            registrar:
              {mode: relay, to: registrars, domains: [example.net], registrations_per_second: {{perSecond}} }
            routes:
              - {name: outbound, from: core, to: request_uri, realm: edge}
            """;
        Box = new SimulatedBox(Simulator, Yaml(probeSeconds), workers, mediaWorkers: 0);
        Registrars = [.. Enumerable.Range(0, registrars).Select(i => new CoreRegistrar(
            Simulator, Address.Of($"10.0.0.{41 + i}:5060"), Address.Of("10.0.0.10:5060")))];
        Phones = [.. Enumerable.Range(0, phones).Select(i => new RegisteringPhone(
            Simulator, $"user{i}", NewFlow(i), Address.Of("192.0.2.10:5060"), $"192.168.{i / 250}.{(i % 250) + 1}:5060",
            Simulator.Random.Fork()))];
    }

    public Simulator Simulator { get; }

    public SimulatedBox Box { get; }

    public Func<int, string> Yaml { get; }

    public CoreRegistrar[] Registrars { get; }

    public RegisteringPhone[] Phones { get; }

    /// <summary>Questions that reached their phone.</summary>
    public int Reached { get; private set; }

    public long Count(RegistrationResult result) =>
        Box.Workers.Signalling.Sum(worker => worker.Counters.Registrations(result));

    /// <summary>All of them are switched on within that time.</summary>
    public void Boot(long withinMilliseconds)
    {
        foreach (RegisteringPhone phone in Phones) Simulator.After(_random.Below(withinMilliseconds), phone.Boot);
    }

    /// <summary>Something happens to a phone.</summary>
    public void Disturb()
    {
        int which = (int)_random.Below(Phones.Length);
        RegisteringPhone phone = Phones[which];
        switch (_random.Below(5))
        {
            case 0:
                phone.Move(NewFlow(which));
                break;
            case 1:
                phone.Vanish();
                phone.Boot();
                break;
            case 2:
                phone.Vanish();
                phone.Move(NewFlow(which));
                phone.Boot();
                break;
            case 3:
                phone.Vanish();
                break;
            default:
                phone.Unregister();
                break;
        }
    }

    /// <summary>The core asks for everybody by what it was told; who says that it is registered hears it.</summary>
    public void AskAll()
    {
        var missing = new List<string>();
        int asked = 0, answered = 0;
        foreach (RegisteringPhone phone in Phones)
        {
            string[] contacts = [.. Registrars.SelectMany(registrar => registrar.Contacts(phone.User))];
            if (phone.IsRegistered && contacts.Length == 0) missing.Add($"{phone.User}: the registrar has no Contact");
            foreach (string contact in contacts)
            {
                asked++;
                string text = $"{phone.User} {++_questions}";
                bool expected = phone.IsRegistered;
                Registrars[0].Ask(contact, text, status =>
                {
                    answered++;
                    bool reached = Phones.Any(other => other.Received.Contains(text));
                    if (Phones.Any(other => other != phone && other.Received.Contains(text)))
                        missing.Add($"{phone.User}: another one heard it");
                    if (expected && contacts.Length == 1 && (status != 200 || !reached))
                        missing.Add($"{phone.User}: {status} from {contact}");
                    if (!phone.IsOn && (status is not (404 or 480 or 0 or 408 or 500) || reached))
                        missing.Add($"{phone.User} is off: {status}");
                    if (reached) Reached++;
                });
            }
        }
        Assert.True(Simulator.RunUntil(() => answered == asked, 60_000));
        Assert.True(missing.Count == 0, $"seed {Simulator.Seed}: {string.Join('\n', missing.Take(10))}");
    }

    /// <summary>All leave, everything expires, and nothing is left.</summary>
    public void End()
    {
        foreach (RegisteringPhone phone in Phones) phone.Vanish();
        Box.Publish(Yaml(0));
        Assert.True(Simulator.RunUntil(() => Box.Alive == 0, 4_000_000), $"alive: {Box.Alive}");
        Assert.Equal(0, Box.Workers.Locations.Count);
        for (int i = 0; i < Box.Workers.Locations.Workers; i++)
            Assert.Equal(0, Box.Workers.Locations.Shard(i).Blocks);
        foreach ((string what, Func<bool> holds) in Box.Laws) Assert.True(holds(), what);
        Assert.Empty(Simulator.Reports);
    }

    private TransportAddress NewFlow(int phone) => Address.Of($"203.0.113.{(phone % 250) + 1}:{++_port}");
}
