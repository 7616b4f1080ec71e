using Sbc.Runtime;

namespace Sbc.Media;

/// <summary>A pair of ports with its sockets.</summary>
internal readonly record struct BoundPair(int Slice, TransportAddress Address, PortPair Pair, int Rtp, int Rtcp);

/// <summary>Turns pairs from the slices of one signalling worker into pairs of bound sockets, and back.</summary>
internal sealed class PairBinder(int worker, IPortBinder sockets)
{
    // One for each pool this worker has met; a reload that changes a range brings a new pool, and the old one's
    // slice stays for the calls that hold its ports.
    private readonly List<PortSlice> _slices = [];

    public MediaError TryBind(in MediaEnd end, Instant now, out BoundPair bound)
    {
        bound = default;
        if (end.Address.IsNone) return MediaError.NoAddress;
        int index = SliceOf(end.Realm.Ports);
        PortSlice slice = _slices[index];
        for (int attempt = 0; attempt < MediaLimits.BindAttemptsMax; attempt++)
        {
            if (!slice.TryTake(now, out PortPair pair))
                return attempt == 0 ? MediaError.NoPorts : MediaError.BindFailed;
            if (sockets.TryBind(end.Address.WithPort(pair.Rtp), end.Realm.Dscp, out int rtp, out _))
            {
                if (sockets.TryBind(end.Address.WithPort(pair.Rtcp), end.Realm.Dscp, out int rtcp, out _))
                {
                    bound = new BoundPair(index, end.Address, pair, rtp, rtcp);
                    return MediaError.None;
                }
                sockets.Release(rtp);
            }
            slice.SetAside(pair, now);
        }
        return MediaError.BindFailed;
    }

    /// <summary>Closes sockets that no media worker adopted, and gives their pair back.</summary>
    public void Undo(in BoundPair bound, Instant now)
    {
        sockets.Release(bound.Rtp);
        sockets.Release(bound.Rtcp);
        Release(bound.Slice, bound.Pair, now);
    }

    public void Release(int slice, PortPair pair, Instant now) => _slices[slice].Release(pair, now);

    private int SliceOf(PortPool pool)
    {
        for (int i = 0; i < _slices.Count; i++)
        {
            if (ReferenceEquals(_slices[i].Pool, pool)) return i;
        }
        _slices.Add(new PortSlice(pool, worker));
        return _slices.Count - 1;
    }
}
