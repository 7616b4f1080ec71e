using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Simulation;

public class SimulatorTests
{
    private static readonly TransportAddress A = Address.Of("192.0.2.1:5060");
    private static readonly TransportAddress B = Address.Of("192.0.2.2:5060");

    [Fact]
    public void Xoshiro_gives_the_numbers_of_its_reference()
    {
        // SplitMix64 of 0 fills the state; the reference implementation's first outputs for it.
        var random = new Xoshiro(0);
        Assert.Equal(0x99EC5F36CB75F2B4UL, random.Next());
        Assert.Equal(0xBF6E1F784956452AUL, random.Next());
    }

    [Fact]
    public void Timers_fire_in_the_order_of_time_and_a_cancelled_one_does_not()
    {
        var simulator = new Simulator(1);
        var fired = new List<string>();
        simulator.After(20, () => fired.Add("late"));
        simulator.After(10, () => fired.Add("early"));
        VirtualTimer cancelled = simulator.After(15, () => fired.Add("never"));
        cancelled.Cancel();
        Assert.True(simulator.RunUntilQuiet(1000));
        Assert.Equal(["early", "late"], fired);
        Assert.Equal(20, simulator.Now.MillisecondsSince(VirtualClock.Start));
    }

    [Fact]
    public void A_livelock_fails_with_the_seed()
    {
        var simulator = new Simulator(4711) { StepsPerInstantMax = 1000 };
        void Again() => simulator.After(0, Again);
        Again();
        var failure = Assert.Throws<SimulationFailure>(() => simulator.RunFor(1));
        Assert.Contains("livelock", failure.Message);
        Assert.Contains("seed 4711", failure.Message);
    }

    [Fact]
    public void A_worker_echoes_what_it_gets_and_wakes_at_its_deadline()
    {
        var simulator = new Simulator(1);
        EchoWorker worker = EchoWorker.At(simulator, B);
        worker.NextDeadline = simulator.Now.AddMilliseconds(500);
        var agent = new Collector();
        VirtualSocket socket = simulator.Network.Bind(A, agent);
        for (byte i = 0; i < 10; i++) socket.Send(B, [i]);
        simulator.RunFor(1000);
        Assert.Equal("0123456789", string.Concat(agent.Datagrams.Select(datagram => datagram.Bytes[0])));
        Assert.Equal(1, worker.DeadlinesMet);
    }

    [Fact]
    public void Workers_that_share_an_address_get_a_source_each()
    {
        var simulator = new Simulator(1);
        EchoWorker[] workers = [EchoWorker.At(simulator, B), EchoWorker.At(simulator, B), EchoWorker.At(simulator, B)];
        for (int host = 1; host <= 100; host++)
        {
            VirtualSocket socket = simulator.Network.Bind(Address.Of($"198.51.100.{host}:5060"), new Collector());
            for (int i = 0; i < 3; i++) socket.Send(B, [0]);
        }
        simulator.RunFor(1000);
        Assert.Equal(300, workers.Sum(worker => worker.Received));
        Assert.All(workers, worker => Assert.InRange(worker.Received, 30, 200));
        Assert.All(workers, worker => Assert.Equal(0, worker.Received % 3));
    }

    [Fact]
    public void Work_without_a_wake_is_reported()
    {
        var simulator = new Simulator(1);
        var probe = new WakeProbe();
        var worker = new EchoWorker(new SimulatedPort(simulator, B), new Doorbell(probe));
        simulator.AddWorker(worker, probe, worker.Port);
        simulator.After(10, () =>
        {
            worker.HasWork = true;
            worker.Doorbell.Ring();
        });
        simulator.RunFor(100);
        Assert.Empty(simulator.Reports);
        simulator.After(10, () => worker.HasWork = true);
        simulator.RunFor(100);
        Assert.Contains("lost wake", Assert.Single(simulator.Reports));
    }

    [Fact]
    public void A_full_receive_buffer_is_a_kernel_drop()
    {
        var simulator = new Simulator(1) { WorkerDelayMicrosecondsMax = 0 };
        var port = new SimulatedPort(simulator, B, bufferBytes: 3 * 1256);
        VirtualSocket socket = simulator.Network.Bind(A, new Collector());
        for (int i = 0; i < 5; i++) socket.Send(B, new byte[1000]);
        simulator.RunFor(10);
        Assert.Equal(2, port.KernelDrops);
        var pool = new PacketPool(8, 512);
        int[] slots = [0, 1, 2, 3, 4, 5, 6, 7];
        Assert.Equal(3, port.Receive(pool, slots));
        Assert.True(pool.Header(0).Truncated);
        Assert.Equal(512, pool.Header(0).Length);
        Assert.Equal(A, pool.Header(0).Remote);
    }

    [Fact]
    public void A_killed_program_answers_with_an_error_that_quotes_the_datagram()
    {
        var simulator = new Simulator(1);
        var port = new SimulatedPort(simulator, A);
        simulator.Network.Kill(B, KilledHost.PortUnreachable);
        var pool = new PacketPool(4);
        pool.Header(0).Length = 1000;
        pool.Header(0).Remote = B;
        pool.Bytes(0)[..1000].Fill(7);
        Assert.Equal(1, port.Send(pool, [0]));
        simulator.RunFor(10);
        Assert.True(port.HasPackets);
        Assert.Equal(1, port.ReceiveErrors(pool, [1, 2]));
        Assert.Equal(111, pool.Header(1).Error);
        Assert.Equal(B, pool.Header(1).Remote);
        Assert.Equal(VirtualNetwork.QuotedBytesMax, pool.Header(1).Length);
        Assert.Equal(7, pool.Datagram(1)[0]);
        Assert.False(port.HasPackets);

        simulator.Network.Kill(B, KilledHost.Silent);
        port.Send(pool, [0]);
        simulator.RunFor(10);
        Assert.False(port.HasPackets);
    }

    private sealed class Collector : IDatagramSink
    {
        public List<Datagram> Datagrams { get; } = [];

        public void Received(Datagram datagram) => Datagrams.Add(datagram);

        public void Unreachable(TransportAddress to, byte[] quoted)
        {
        }
    }

    private sealed class EchoWorker(SimulatedPort port, Doorbell doorbell) : ITurn
    {
        private readonly PacketPool _pool = new(4, 2048);
        private readonly int[] _slots = [0, 1, 2, 3];

        public SimulatedPort Port => port;

        public long Received { get; private set; }

        public int DeadlinesMet { get; private set; }

        public Instant NextDeadline { get; set; } = Instant.Never;

        public bool HasWork { get; set; }

        public Doorbell Doorbell => doorbell;

        public static EchoWorker At(Simulator simulator, in TransportAddress local)
        {
            var worker = new EchoWorker(new SimulatedPort(simulator, local), new Doorbell(new NoWakeSignal()));
            simulator.AddWorker(worker, null, worker.Port);
            return worker;
        }

        public ulong Turn(Instant now, ulong ready)
        {
            HasWork = false;
            if (NextDeadline <= now)
            {
                NextDeadline = Instant.Never;
                DeadlinesMet++;
            }
            if (ready == 0) return 0;
            int count = port.Receive(_pool, _slots);
            Received += count;
            port.Send(_pool, _slots.AsSpan(0, count));
            return count == _slots.Length ? 1u : 0u;
        }
    }
}
