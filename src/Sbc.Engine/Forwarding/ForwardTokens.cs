using System.Buffers.Binary;
using Sbc.Engine.Pipeline;
using Sbc.Runtime;

namespace Sbc.Engine.Forwarding;

/// <summary>What a branch of ours says when its request was forwarded without state.</summary>
/// <param name="Ingress">Listener that the request came in at, and its response leaves from.</param>
/// <param name="Egress">Listener that it left from, and the response comes in at.</param>
public readonly record struct ForwardBranch(int Ingress, int Egress);

/// <summary>What a Record-Route of ours says.</summary>
/// <param name="Listener">It was written for: the one that its requests come in at.</param>
/// <param name="Egress">The one they leave from.</param>
/// <param name="Route">Row of the rule.</param>
/// <param name="Flow">Where the other end is, when it is behind NAT; none: the next Route or the Request-URI says.
/// </param>
public readonly record struct ForwardRoute(int Listener, int Egress, int Route, TransportAddress Flow);

/// <summary>
/// The tokens that take the place of state: nobody else can make them, and they fit only where we put them.
/// </summary>
/// <remarks>
/// A branch is authenticated together with the Via below it, so that a response goes only to where a request came
/// from: the box is no reflector. A Record-Route is authenticated with rule and listeners, so that a Route that a
/// stranger writes is no way into the core. Kinds are of their own, and the first byte says which.
/// </remarks>
public sealed class ForwardTokens(SipHash key)
{
    /// <summary>Characters of a branch's token.</summary>
    public const int BranchLength = 36;

    /// <summary>Characters of a Record-Route's user.</summary>
    public const int RouteLength = 58;

    private const int MacBytes = 12;
    private const int BranchData = 10;
    private const int RouteData = 24;

    /// <param name="branch">What it says.</param>
    /// <param name="transaction">The same for each repetition of a request, and for its CANCEL and ACK.</param>
    /// <param name="next">The Via below.</param>
    /// <param name="text">Gets <see cref="BranchLength"/> characters.</param>
    public void Write(in ForwardBranch branch, ulong transaction, in NextVia next, Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[BranchData + NextVia.Bytes];
        bytes[0] = (byte)TokenKind.ForwardBranch;
        bytes[1] = (byte)branch.Ingress;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[2..], transaction);
        bytes[2] = (byte)branch.Egress;
        next.Write(bytes[BranchData..]);
        Finish(bytes, BranchData, text);
    }

    /// <summary>False for any branch that we did not write above that Via.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, in NextVia next, out ForwardBranch branch)
    {
        Span<byte> bytes = stackalloc byte[BranchData + MacBytes];
        Span<byte> bound = stackalloc byte[BranchData + NextVia.Bytes];
        branch = default;
        if (text.Length != BranchLength || !Base32.TryDecode(text, bytes)) return false;
        bytes[..BranchData].CopyTo(bound);
        next.Write(bound[BranchData..]);
        if (!IsAuthentic(bound, bytes[BranchData..])) return false;
        branch = new ForwardBranch(bytes[1], bytes[2]);
        return bytes[0] == (byte)TokenKind.ForwardBranch;
    }

    public void Write(in ForwardRoute route, Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[RouteData];
        bytes[0] = (byte)TokenKind.ForwardRoute;
        bytes[1] = (byte)route.Listener;
        bytes[2] = (byte)route.Egress;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[3..], (ushort)route.Route);
        bytes[5] = 0;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[6..], route.Flow.High);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[14..], route.Flow.Low);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[22..], route.Flow.Port);
        Finish(bytes, RouteData, text);
    }

    public bool TryRead(ReadOnlySpan<byte> text, out ForwardRoute route)
    {
        Span<byte> bytes = stackalloc byte[RouteData + MacBytes];
        route = default;
        if (text.Length != RouteLength || !Base32.TryDecode(text, bytes)) return false;
        if (!IsAuthentic(bytes[..RouteData], bytes[RouteData..])) return false;
        ulong high = BinaryPrimitives.ReadUInt64LittleEndian(bytes[6..]);
        ulong low = BinaryPrimitives.ReadUInt64LittleEndian(bytes[14..]);
        int port = BinaryPrimitives.ReadUInt16LittleEndian(bytes[22..]);
        route = new ForwardRoute(
            bytes[1], bytes[2], BinaryPrimitives.ReadUInt16LittleEndian(bytes[3..]), Address(high, low, port));
        return bytes[0] == (byte)TokenKind.ForwardRoute;
    }

    private static TransportAddress Address(ulong high, ulong low, int port)
    {
        Span<byte> address = stackalloc byte[16];
        if (high == 0 && low == 0) return default;
        BinaryPrimitives.WriteUInt64BigEndian(address, high);
        BinaryPrimitives.WriteUInt64BigEndian(address[8..], low);
        return TransportAddress.FromBytes(address, port);
    }

    private void Finish(ReadOnlySpan<byte> bound, int data, Span<byte> text)
    {
        Span<byte> bytes = stackalloc byte[RouteData + MacBytes];
        bound[..data].CopyTo(bytes);
        (ulong low, ulong high) = key.Hash128(bound);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[data..], low);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[(data + 8)..], (uint)high);
        Base32.Encode(bytes[..(data + MacBytes)], text);
    }

    private bool IsAuthentic(ReadOnlySpan<byte> bound, ReadOnlySpan<byte> mac)
    {
        (ulong low, ulong high) = key.Hash128(bound);
        return BinaryPrimitives.ReadUInt64LittleEndian(mac) == low &&
            BinaryPrimitives.ReadUInt32LittleEndian(mac[8..]) == (uint)high;
    }
}
