using Sbc.Runtime;

namespace Sbc.Engine.Calls;

/// <summary>The texts of a dialog in one block of memory.</summary>
public static class LegText
{
    /// <summary>
    /// Half a datagram: any request that is made of them fits into one, the BYE that ends the call above all.
    /// </summary>
    public const int BytesMax = 32_768;

    /// <summary>
    /// Stores all texts anew; parts may lie in the old block. False without memory: nothing has changed.
    /// </summary>
    /// <param name="local">Our URI as a name-addr without tag: From of requests we send on this leg.</param>
    /// <param name="remote">Theirs: To of requests we send.</param>
    /// <param name="target">URI of their Contact (12.1.1 remote target).</param>
    /// <param name="routes">Route header value, comma separated, in the order of sending; empty: none.</param>
    public static bool TrySet(
        BufferPool buffers, ref LegState leg, ReadOnlySpan<byte> callId, ReadOnlySpan<byte> local,
        ReadOnlySpan<byte> remote, ReadOnlySpan<byte> remoteTag, ReadOnlySpan<byte> target, ReadOnlySpan<byte> routes)
    {
        int length = callId.Length + local.Length + remote.Length + remoteTag.Length + target.Length + routes.Length;
        if (length > BytesMax || !buffers.TryRent(length, out BufferRef block)) return false;
        Span<byte> bytes = buffers.Bytes(block);
        Append(ref bytes, callId);
        Append(ref bytes, local);
        Append(ref bytes, remote);
        Append(ref bytes, remoteTag);
        Append(ref bytes, target);
        Append(ref bytes, routes);
        buffers.Return(ref leg.Text);
        leg.Text = block;
        leg.CallIdLength = (ushort)callId.Length;
        leg.LocalLength = (ushort)local.Length;
        leg.RemoteLength = (ushort)remote.Length;
        leg.RemoteTagLength = (ushort)remoteTag.Length;
        leg.TargetLength = (ushort)target.Length;
        leg.RoutesLength = (ushort)routes.Length;
        return true;
    }

    /// <summary>The same texts in a block of their own; lengths must have been copied.</summary>
    public static bool TryCopy(BufferPool buffers, in LegState source, ref LegState copy)
    {
        if (source.Text.IsNone) return true;
        return buffers.TryStore(buffers.Bytes(source.Text), out copy.Text);
    }

    public static bool TrySetDialog(
        BufferPool buffers, ref LegState leg, ReadOnlySpan<byte> remoteTag, ReadOnlySpan<byte> target,
            ReadOnlySpan<byte> routes) =>
        TrySet(buffers, ref leg, CallId(buffers, leg), Local(buffers, leg), Remote(buffers, leg), remoteTag, target,
            routes);

    public static bool TrySetTarget(BufferPool buffers, ref LegState leg, ReadOnlySpan<byte> target) =>
        TrySetDialog(buffers, ref leg, RemoteTag(buffers, leg), target, Routes(buffers, leg));

    public static ReadOnlySpan<byte> CallId(BufferPool buffers, in LegState leg) =>
        buffers.Bytes(leg.Text)[..leg.CallIdLength];

    public static ReadOnlySpan<byte> Local(BufferPool buffers, in LegState leg) =>
        buffers.Bytes(leg.Text).Slice(leg.CallIdLength, leg.LocalLength);

    public static ReadOnlySpan<byte> Remote(BufferPool buffers, in LegState leg) =>
        buffers.Bytes(leg.Text).Slice(leg.CallIdLength + leg.LocalLength, leg.RemoteLength);

    public static ReadOnlySpan<byte> RemoteTag(BufferPool buffers, in LegState leg) =>
        buffers.Bytes(leg.Text).Slice(leg.CallIdLength + leg.LocalLength + leg.RemoteLength, leg.RemoteTagLength);

    public static ReadOnlySpan<byte> Target(BufferPool buffers, in LegState leg) => buffers.Bytes(leg.Text).Slice(
        leg.CallIdLength + leg.LocalLength + leg.RemoteLength + leg.RemoteTagLength, leg.TargetLength);

    public static ReadOnlySpan<byte> Routes(BufferPool buffers, in LegState leg) =>
        buffers.Bytes(leg.Text)[^leg.RoutesLength..];

    private static void Append(ref Span<byte> bytes, ReadOnlySpan<byte> part)
    {
        part.CopyTo(bytes);
        bytes = bytes[part.Length..];
    }
}
