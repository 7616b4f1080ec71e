namespace Sbc.Engine.Config;

/// <summary><c>fork</c> of a route whose <c>to</c> is a list.</summary>
public enum ForkMode
{
    /// <summary>One target after the other, where the one before it fails.</summary>
    Sequential,

    /// <summary>All at once; who answers first has the call (RFC 3261 16.7).</summary>
    Simultaneous,
}
