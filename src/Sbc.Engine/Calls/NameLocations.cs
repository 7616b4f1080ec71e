using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;
using System.Text;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;

namespace Sbc.Engine.Calls;

/// <summary>A host that a request is to go to, by RFC 3263.</summary>
/// <param name="Host">In lower case.</param>
/// <param name="Port">As written; 0: none, so that SRV is asked first (4.2).</param>
/// <param name="IPv4">The realm has a listener of that family.</param>
/// <param name="IPv6">The realm has a listener of that family.</param>
public sealed record NameQuestion(ulong Key, string Host, int Port, bool IPv4, bool IPv6);

/// <summary>What came of a question.</summary>
/// <param name="Failed">Nobody answered; else no locations mean that there is no such name.</param>
/// <param name="Locations">At most 64.</param>
public sealed record NameAnswer(
    ulong Key, bool Failed, IReadOnlyList<PeerLocation> Locations, long LifeMilliseconds);

/// <summary>Asks DNS for the workers, on threads of its own.</summary>
public interface INameResolver
{
    /// <summary>Every question that is taken is answered once, within <see cref="Limits.NameAnswerMilliseconds"/>.
    /// </summary>
    /// <param name="answer">Called on any thread.</param>
    bool TryAsk(NameQuestion question, Action<NameAnswer> answer);
}

/// <summary>
/// Where the names are that requests carry, as far as one worker knows; and the calls that wait for an answer.
/// </summary>
/// <remarks>A request that waits is its transaction's to keep: here is only its call. A known name costs no memory.
/// </remarks>
public sealed class NameLocations(Workspace work, INameResolver? resolver)
{
    private readonly Dictionary<ulong, Known> _known = [];
    private readonly (Handle Call, ulong Key)[] _waiting = new (Handle, ulong)[Limits.NamesAwaitedMax];
    private readonly ConcurrentQueue<NameAnswer> _answers = new();
    private int _count;

    private sealed record Known(NameAnswer Answer, Instant Until);

    /// <summary>Told when an answer was posted.</summary>
    public Doorbell? Doorbell { get; set; }

    public bool HasAnswers => !_answers.IsEmpty;

    /// <summary>The last name that was located has more locations than were tried.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Calls that wait.</summary>
    public int Waiting => _count;

    /// <summary>Where the host of this URI is; an attempt's own way to one that was not tried.</summary>
    /// <param name="tried">A bit for each location that was.</param>
    /// <returns>0 with an address; -1: the call waits and is told; else the response that refuses the request.
    /// </returns>
    public int Locate(in SipUri uri, Realm to, Handle call, ref ulong tried, out TransportAddress address)
    {
        address = default;
        HasMore = false;
        Span<byte> host = stackalloc byte[Limits.HostBytesMax];
        if (resolver is null) return 500;
        if (uri.Host.Length > host.Length) return 404;
        if (System.Text.Ascii.ToLower(uri.Host, host, out int length) != OperationStatus.Done) return 404;
        bool ipv4 = to.Has(isIPv4: true), ipv6 = to.Has(isIPv4: false);
        ulong key = work.Hash.Hash(host[..length]) ^ (ulong)(uint)uri.Port << 2 ^ (ipv4 ? 1UL : 0) ^ (ipv6 ? 2UL : 0);
        if (_known.TryGetValue(key, out Known? known) && known.Until > work.Now)
            return Choose(known.Answer, ref tried, out address);
        // What was tried was of an answer that is no more.
        if (tried != 0) return 500;
        return TryWait(call, key, host[..length], uri.Port, ipv4, ipv6) ? -1 : 503;
    }

    /// <summary>The lowest priority first, and by weight within it (RFC 2782).</summary>
    private int Choose(NameAnswer answer, ref ulong tried, out TransportAddress address)
    {
        address = default;
        if (answer.Failed) return 500;
        if (answer.Locations.Count == 0) return 404;
        int priority = int.MaxValue, weight = 0, chosen = -1;
        for (int i = 0; i < answer.Locations.Count; i++)
        {
            PeerLocation location = answer.Locations[i];
            if ((tried >> i & 1) != 0 || location.Priority > priority) continue;
            if (location.Priority < priority) weight = 0;
            priority = location.Priority;
            weight += location.Weight;
            // Each one of a priority is chosen with its part of all weights so far.
            if (weight == location.Weight || work.NextRandom() % (ulong)weight < (ulong)location.Weight) chosen = i;
        }
        if (chosen < 0) return 500;
        tried |= 1UL << chosen;
        HasMore = BitOperations.PopCount(tried) < answer.Locations.Count;
        address = answer.Locations[chosen].Address;
        return 0;
    }

    private bool TryWait(Handle call, ulong key, ReadOnlySpan<byte> host, int port, bool ipv4, bool ipv6)
    {
        if (_count == _waiting.Length) return false;
        bool asked = false;
        for (int i = 0; i < _count; i++) asked |= _waiting[i].Key == key;
        if (!asked)
        {
            var question = new NameQuestion(key, Encoding.Latin1.GetString(host), port, ipv4, ipv6);
            if (!resolver!.TryAsk(question, Post)) return false;
        }
        _waiting[_count++] = (call, key);
        return true;
    }

    private void Post(NameAnswer answer)
    {
        _answers.Enqueue(answer);
        Doorbell?.Ring();
    }

    /// <summary>Keeps an answer that came.</summary>
    public bool TryTakeAnswer(out ulong key)
    {
        key = 0;
        if (!_answers.TryDequeue(out NameAnswer? answer)) return false;
        key = answer.Key;
        if (_known.Count >= Limits.NamesKnownMax) Forget();
        _known[key] = new Known(answer, work.Now.AddMilliseconds(Math.Max(1, answer.LifeMilliseconds)));
        return true;
    }

    /// <summary>A call that waited for this name.</summary>
    public bool TryTakeWaiting(ulong key, out Handle call)
    {
        call = Handle.None;
        for (int i = 0; i < _count; i++)
        {
            if (_waiting[i].Key != key) continue;
            call = _waiting[i].Call;
            _count--;
            _waiting.AsSpan(i + 1, _count - i).CopyTo(_waiting.AsSpan(i));
            return true;
        }
        return false;
    }

    /// <summary>What is over; and where nothing is, all: names that are in use are asked again.</summary>
    private void Forget()
    {
        foreach ((ulong key, Known known) in _known)
        {
            if (known.Until <= work.Now) _known.Remove(key);
        }
        if (_known.Count >= Limits.NamesKnownMax) _known.Clear();
    }
}
