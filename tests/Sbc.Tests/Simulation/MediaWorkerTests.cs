using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Simulation;

/// <summary>A relay of a few lines in the place of a media worker: the ports, the binder and RTP fit together.</summary>
public class MediaWorkerTests
{
    private readonly Simulator _simulator = new(7);

    [Fact]
    public void A_worker_relays_rtp_between_two_adopted_ports_and_gives_them_back()
    {
        var handles = new SimulatedHandles(_simulator);
        var binder = new SimulatedPortBinder(handles);
        var ports = new SimulatedPorts(handles);
        var worker = new RelayWorker(ports);
        _simulator.AddWorker(worker, null, ports);
        TransportAddress edge = Address.Of("192.0.2.10:20000");
        TransportAddress core = Address.Of("10.0.0.10:20000");
        var alice = new Caller(_simulator, "alice", Address.Of("203.0.113.7:5060"), edge);
        var bob = new Caller(_simulator, "bob", Address.Of("10.0.0.21:5060"), core);
        var left = new RtpEndpoint(alice, 1, 'A');
        var right = new RtpEndpoint(bob, 1, 'B');
        Assert.True(binder.TryBind(edge, 46, out int edgeHandle, out _));
        Assert.True(binder.TryBind(core, 46, out int coreHandle, out _));
        worker.Join((edgeHandle, left.Local), (coreHandle, right.Local));

        left.SetTarget(edge);
        right.SetTarget(core);
        _simulator.RunFor(10_000);
        left.Stop();
        right.Stop();
        _simulator.RunFor(100);
        left.Close();
        right.Close();
        Assert.Equal(right.Counters.Sent, left.Counters.Received);
        Assert.Equal(left.Counters.Sent, right.Counters.Received);
        Assert.Equal(0, left.Counters.Lost + left.Counters.Wrong + right.Counters.Lost + right.Counters.Wrong);
        Assert.Equal(2, handles.Open);
        worker.Close();
        Assert.Equal(0, handles.Open);
        Assert.Equal(0, handles.KernelDrops);
    }

    private sealed class RelayWorker(SimulatedPorts ports) : ITurn
    {
        private readonly PacketPool _pool = new(8, 2048);
        private readonly int[] _slots = [0, 1, 2, 3, 4, 5, 6, 7];
        private (int Handle, TransportAddress Remote)[] _sides = [];

        public Instant NextDeadline => Instant.Never;

        public bool HasWork => false;

        public Doorbell Doorbell { get; } = new(new NoWakeSignal());

        public void Join(params (int Handle, TransportAddress Remote)[] sides)
        {
            _sides = sides;
            for (int key = 0; key < sides.Length; key++) ports.Adopt(sides[key].Handle, key);
        }

        public void Close()
        {
            foreach ((int handle, _) in _sides) ports.Close(handle);
        }

        public ulong Turn(Instant now, ulong ready)
        {
            int count = ready == 0 ? 0 : ports.Receive(_pool, _slots);
            for (int i = 0; i < count; i++)
            {
                ref PacketHeader header = ref _pool.Header(_slots[i]);
                (int handle, TransportAddress remote) = _sides[1 - header.Port];
                header.Remote = remote;
                ports.Send(handle, _pool, _slots.AsSpan(i, 1));
            }
            return count == _slots.Length ? 1u : 0u;
        }
    }
}
