using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>One datagram as it was sent. Its bytes are never written to again.</summary>
public sealed record Datagram(Instant SentAt, TransportAddress From, TransportAddress To, byte[] Bytes)
{
    public string Text => Encoding.Latin1.GetString(Bytes);

    public override string ToString() =>
        $"{(SentAt - VirtualClock.Start) / 1_000_000.0:F6} {From} -> {To}, {Bytes.Length} bytes\n{Text}";
}

/// <summary>Takes datagrams the moment they arrive: an agent.</summary>
public interface IDatagramSink
{
    void Received(Datagram datagram);

    /// <summary>An ICMP port unreachable came back for a datagram sent to <paramref name="to"/>.</summary>
    void Unreachable(TransportAddress to, byte[] quoted);
}

internal sealed class Delivery(VirtualNetwork network, Datagram datagram) : SimulationEvent
{
    internal override void Fire() => network.Arrive(datagram);
}

/// <summary>An ICMP destination unreachable on its way back to who sent the quoted datagram.</summary>
internal sealed class IcmpDelivery(VirtualNetwork network, TransportAddress sender, TransportAddress to, byte[] quoted)
    : SimulationEvent
{
    internal override void Fire() => network.ArriveError(sender, to, quoted);
}
