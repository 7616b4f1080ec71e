using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// Which phones the core registrar has just challenged: the REGISTER that answers it is let through, or what the first
/// one cost would be lost. One answer for each challenge, and no challenge of such an answer counts.
/// </summary>
/// <remarks>
/// A table of marks and nothing else: it never grows, and a mark that another one overwrites costs its phone a wait.
/// One for each worker, for an address-of-record has one worker.
/// </remarks>
public sealed class ChallengedPhones
{
    /// <summary>As long as a phone needs to compute an answer, and a user to type a password.</summary>
    private const long LifeMicroseconds = 30_000_000;

    /// <summary>30 s of 1000 challenges a second, in half a megabyte.</summary>
    private const int Places = 1 << 15;

    private readonly Mark[] _marks = new Mark[Places];

    private struct Mark
    {
        public ulong Key;
        public Instant Until;
    }

    public void Add(in TransportAddress source, ulong aor, Instant now)
    {
        ulong key = KeyOf(source, aor);
        _marks[key % Places] = new Mark { Key = key, Until = now.AddMicroseconds(LifeMicroseconds) };
    }

    public bool TryTake(in TransportAddress source, ulong aor, Instant now)
    {
        ulong key = KeyOf(source, aor);
        ref Mark mark = ref _marks[key % Places];
        if (mark.Key != key || mark.Until <= now) return false;
        mark.Until = default;
        return true;
    }

    /// <summary>The hash of the address-of-record is keyed: a stranger cannot aim at another one's place.</summary>
    private static ulong KeyOf(in TransportAddress source, ulong aor)
    {
        ulong z = aor ^ (source.Low * 0x9E3779B97F4A7C15) ^ (source.High * 0xBF58476D1CE4E5B9) ^
            ((ulong)source.Port << 48);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
