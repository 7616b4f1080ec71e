using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>
/// The streams of the early dialogs of one INVITE: its offer named one pair of ports, that of side B, and each dialog
/// has a pair of its own towards the caller. They form a ring in the order in which they were opened.
/// </summary>
/// <remarks>
/// Each stream has its own latch for the shared ports, with its own target, so what holds for one call holds for each
/// of them. Only whose a packet is must be told first, and only its source can tell.
/// </remarks>
internal sealed class SharedSide(Pool<RelayStream> streams)
{
    /// <summary>A new stream begins with the sockets and the caller's description of its sibling.</summary>
    public void Join(int index, int sibling)
    {
        ref RelayStream stream = ref streams[index];
        ref RelayStream other = ref streams[sibling];
        stream.Kind = other.Kind;
        stream.ClockHz = other.ClockHz;
        stream.SilenceSeconds = other.SilenceSeconds;
        stream.MuxA = other.MuxA;
        for (int port = 0; port < RelayPorts.Count; port++)
        {
            ref RelayPort from = ref other.Ports[port];
            bool isCaller = port < 2;
            stream.Ports[port] = new RelayPort
            {
                Socket = from.Socket,
                Realm = from.Realm,
                HasTarget = isCaller && from.HasTarget,
                MaySend = isCaller && from.MaySend,
                IsMuted = isCaller && from.IsMuted,
                ReducesRtcp = from.ReducesRtcp,
                // That of side B limits what goes to the caller, as its description says.
                Budget = isCaller ? RateBudget.Default : from.Budget,
                Latch = new LatchState
                {
                    Mode = from.Latch.Mode,
                    BitsIPv4 = from.Latch.BitsIPv4,
                    BitsIPv6 = from.Latch.BitsIPv6,
                    Target = isCaller ? from.Latch.Target : default,
                    Signalling = isCaller ? from.Latch.Signalling : default,
                },
            };
        }
        // At the end, which is before the first.
        int last = Before(sibling, First(sibling));
        int first = streams[last].NextSharing;
        stream.NextSharing = first == 0 ? last + 1 : first;
        streams[last].NextSharing = index + 1;
    }

    /// <summary>The next in the ring, which is not empty without it.</summary>
    public int Leave(int index)
    {
        int before = Before(index, index);
        int next = streams[index].NextSharing - 1;
        streams[before].NextSharing = before == next ? 0 : next + 1;
        streams[index].NextSharing = 0;
        return next;
    }

    /// <summary>
    /// The stream that knows the source best; of those that know it equally well the oldest. Where none does, the
    /// stream whose key it is refuses it.
    /// </summary>
    public int Choose(int index, int port, in TransportAddress source)
    {
        int best = index;
        LatchFit fit = LatchFit.None;
        int each = First(index);
        int first = each;
        do
        {
            ref RelayStream stream = ref streams[each];
            TransportAddress sibling = (port & 1) != 0 ? stream.Ports[port & 2].Latch.Source : default;
            LatchFit theirs = Latch.Fit(stream.Ports[port].Latch, source, sibling);
            if (theirs > fit)
            {
                best = each;
                fit = theirs;
            }
            each = stream.NextSharing - 1;
        }
        while (each != first && fit != LatchFit.Locked);
        return best;
    }

    /// <summary>The oldest: it holds the keys.</summary>
    private int First(int index)
    {
        int each = index;
        while (!streams[each].HoldsKeys) each = streams[each].NextSharing - 1;
        return each;
    }

    private int Before(int ofRing, int index)
    {
        int each = ofRing;
        while (streams[each].NextSharing != 0 && streams[each].NextSharing - 1 != index)
            each = streams[each].NextSharing - 1;
        return each;
    }
}
