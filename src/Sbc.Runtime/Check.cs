using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Sbc.Runtime;

/// <summary>Assertions that stay in Release: what must be true of our own code, never of wire input.</summary>
public static class Check
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void That(
        [DoesNotReturnIf(false)] bool condition,
        [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition) Fail(what);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fail(string what) => throw new InvalidOperationException($"assertion failed: {what}");
}
