using System.Numerics;

namespace Sbc.Engine.Routing;

/// <summary>What real traffic says against each peer: failures in a row, over all workers.</summary>
/// <remarks>
/// Silence is the peer's own. A 503 may be that of one dead number behind a proxy, so it is also counted over how many
/// destinations it came for: a mask of 64 that their hashes set.
/// </remarks>
public sealed class FailureCells
{
    private readonly Cell[] _silences = new Cell[Limits.PeersMax];
    private readonly Cell[] _refusals = new Cell[Limits.PeersMax];
    private readonly Cell[] _destinations = new Cell[Limits.PeersMax];
    private readonly Cell[] _ejections = new Cell[Limits.PeersMax];

    /// <summary>Nothing was heard, or the transport failed; in a row, this one included.</summary>
    public long CountSilence(int peer) => Interlocked.Increment(ref _silences[peer].Value);

    /// <summary>Its 503 in a row, this one included.</summary>
    public long CountRefusal(int peer, ulong destination)
    {
        Interlocked.Or(ref _destinations[peer].Value, 1L << (int)(destination >> 58));
        return Interlocked.Increment(ref _refusals[peer].Value);
    }

    /// <summary>Destinations it refused in a row; two may count as one.</summary>
    public int DestinationsRefused(int peer) =>
        BitOperations.PopCount((ulong)Volatile.Read(ref _destinations[peer].Value));

    /// <summary>Times in a row that its 503 took it out, this one included.</summary>
    public long CountEjection(int peer) => Interlocked.Increment(ref _ejections[peer].Value);

    /// <summary>What it refused before it was out counts no more when it is back.</summary>
    public void ForgetRefusals(int peer)
    {
        Clear(ref _refusals[peer].Value);
        Clear(ref _destinations[peer].Value);
    }

    /// <summary>Any response was heard.</summary>
    public void Heard(int peer) => Clear(ref _silences[peer].Value);

    /// <summary>It took a call, or refused one for a reason of that call.</summary>
    public void Served(int peer)
    {
        ForgetRefusals(peer);
        Clear(ref _ejections[peer].Value);
    }

    /// <summary>Read first: the cell stays in every processor's cache while all is well.</summary>
    private static void Clear(ref long cell)
    {
        if (Volatile.Read(ref cell) != 0) Volatile.Write(ref cell, 0);
    }
}
