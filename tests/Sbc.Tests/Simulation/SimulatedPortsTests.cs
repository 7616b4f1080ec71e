using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Simulation;

public class SimulatedPortsTests
{
    private static readonly TransportAddress Local = Address.Of("192.0.2.1:20000");
    private readonly Simulator _simulator = new(1);
    private readonly SimulatedHandles _handles;
    private readonly SimulatedPortBinder _binder;
    private readonly SimulatedPorts _ports;
    private readonly PacketPool _pool = new(4, 2048);

    public SimulatedPortsTests()
    {
        _handles = new SimulatedHandles(_simulator);
        _binder = new SimulatedPortBinder(_handles);
        _ports = new SimulatedPorts(_handles);
    }

    [Fact]
    public void A_taken_address_cannot_be_bound()
    {
        Assert.True(_binder.TryBind(Local, 46, out int handle, out int error));
        Assert.Equal(0, error);
        Assert.False(_binder.TryBind(Local, 46, out _, out error));
        Assert.Equal(98, error);
        _binder.Release(handle);
        Assert.True(_binder.TryBind(Local, 46, out _, out _));
        Assert.Equal(1, _handles.Open);
    }

    [Fact]
    public void An_address_that_is_not_ours_cannot_be_bound()
    {
        _simulator.Network.AddLocalAddress(Local);
        Assert.False(_binder.TryBind(Address.Of("192.0.2.9:20000"), 0, out _, out int error));
        Assert.Equal(99, error);
    }

    [Fact]
    public void What_came_before_the_adoption_is_received_after_it_under_the_key()
    {
        _binder.TryBind(Local, 0, out int handle, out _);
        VirtualSocket sender = _simulator.Network.Bind(Address.Of("192.0.2.2:4000"), new Nobody());
        sender.Send(Local, [1]);
        _simulator.RunFor(10);
        Assert.False(_ports.HasPackets);
        _ports.Adopt(handle, 77);
        Assert.True(_ports.HasPackets);
        sender.Send(Local, [2]);
        _simulator.RunFor(10);
        Assert.Equal(2, _ports.Receive(_pool, [0, 1, 2]));
        Assert.Equal(77, _pool.Header(0).Port);
        Assert.Equal(2, _pool.Datagram(1)[0]);
    }

    [Fact]
    public void A_closed_port_drops_and_gives_its_address_back()
    {
        _binder.TryBind(Local, 0, out int handle, out _);
        _ports.Adopt(handle, 1);
        VirtualSocket sender = _simulator.Network.Bind(Address.Of("192.0.2.2:4000"), new Nobody());
        sender.Send(Local, [1]);
        _simulator.RunFor(10);
        _ports.Close(handle);
        Assert.Equal(0, _ports.Receive(_pool, [0, 1]));
        sender.Send(Local, [1]);
        _simulator.RunFor(10);
        Assert.Equal(1, _simulator.Network.DatagramsUnclaimed);
        Assert.Equal(0, _handles.Open);
        Assert.Throws<InvalidOperationException>(() => _ports.Close(handle));
    }

    private sealed class Nobody : IDatagramSink
    {
        public void Received(Datagram datagram)
        {
        }

        public void Unreachable(TransportAddress to, byte[] quoted)
        {
        }
    }
}
