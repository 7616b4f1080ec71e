using System.Numerics;

namespace Sbc.Simulation;

/// <summary>xoshiro256** (Blackman, Vigna): the only source of chance in a simulation.</summary>
/// <remarks>Not System.Random: its algorithm may change between runtimes, and a seed must replay for years.</remarks>
public sealed class Xoshiro
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    public Xoshiro(ulong seed)
    {
        _a = SplitMix(ref seed);
        _b = SplitMix(ref seed);
        _c = SplitMix(ref seed);
        _d = SplitMix(ref seed);
    }

    public ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_b * 5, 7) * 9;
        ulong shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>0 to <paramref name="below"/> - 1.</summary>
    public long Below(long below) => below <= 1 ? 0 : (long)Math.BigMul(Next(), (ulong)below, out _);

    /// <summary>Both ends included.</summary>
    public long Between(long least, long most) => least + Below(most - least + 1);

    /// <summary>True in this share of cases; 0 never draws, so that a perfect network costs nothing.</summary>
    public bool Chance(double probability) => probability > 0 && (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    public T Pick<T>(IReadOnlyList<T> among) => among[(int)Below(among.Count)];

    /// <summary>A stream of its own, so that one agent's draws do not shift another's.</summary>
    public Xoshiro Fork() => new(Next());

    private static ulong SplitMix(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
