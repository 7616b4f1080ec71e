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
                IsHeld = isCaller && from.IsHeld,
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
    /// The stream that knows the source best. Where none does, the stream whose key it is refuses it; where several
    /// would take it for the same weak reason it is nobody's (-1), for media must not reach the caller as another
    /// phone's. Phones behind one NAT that name private addresses are such: the port tells them apart where the NAT
    /// keeps it, and the first report by the source of its media; else they are heard when one of them has answered.
    /// </summary>
    public int Choose(int index, int port, in TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        int best = index, highest = 0;
        bool isTie = false;
        int first = First(index), each = first;
        do
        {
            int rank = Rank(streams[each], port, source, datagram);
            isTie = rank == highest ? highest > 0 : isTie && rank < highest;
            if (rank > highest)
            {
                best = each;
                highest = rank;
            }
            each = streams[each].NextSharing - 1;
        }
        while (each != first && highest < Rank(LatchFit.Locked));
        // Who names the same address and port for two dialogs is one and the same: the older has it.
        return isTie && highest < Rank(LatchFit.Target) ? -1 : best;
    }

    private static int Rank(in RelayStream stream, int port, in TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        ref readonly RelayPort own = ref stream.Ports[port];
        ref readonly RelayPort rtp = ref stream.Ports[port & 2];
        bool isRtcp = (port & 1) != 0;
        LatchFit fit = Latch.Fit(own.Latch, source, isRtcp ? rtp.Latch.Source : default);
        if (fit == LatchFit.None) return 0;
        bool isSameSsrc = isRtcp && stream.Kind != StreamKind.Datagram && rtp.Latch.HasSsrc
            && RtcpHeader.TryParse(datagram, out RtcpHeader report) && report.Ssrc == rtp.Latch.Ssrc;
        // Another phone behind the same NAT sends its reports from there, too.
        bool isKnown = isSameSsrc || source.SameAddress(own.Latch.Target);
        if (fit == LatchFit.Address && !isKnown) fit = LatchFit.Allowed;
        bool isSamePort = source.Port == own.Latch.Target.Port;
        return Rank(fit) | (own.HasTarget ? 4 : 0) | (isSameSsrc ? 2 : 0) | (isSamePort ? 1 : 0);
    }

    private static int Rank(LatchFit fit) => (int)fit << 3;

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
