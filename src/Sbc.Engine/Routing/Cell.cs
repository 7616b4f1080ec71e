using System.Runtime.InteropServices;

namespace Sbc.Engine.Routing;

/// <summary>A shared number with cache lines of its own: two of them apart, as processors fetch pairs.</summary>
[StructLayout(LayoutKind.Sequential, Size = 128)]
public struct Cell
{
    public long Value;
}
