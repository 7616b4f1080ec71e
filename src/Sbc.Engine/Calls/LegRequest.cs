using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Trunks;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Calls;

/// <summary>What one request on a leg is made of, beside the leg's own state.</summary>
public readonly ref struct LegRequestParts
{
    public required ReadOnlySpan<byte> Method { get; init; }

    /// <summary>What an ACK repeats; another request gets its own when it is sent.</summary>
    public uint CSeq { get; init; }

    /// <summary>Token of the branch: a client transaction's, or an ACK's own.</summary>
    public TokenKind BranchKind { get; init; }

    public Handle Branch { get; init; }

    public required int MaxForwards { get; init; }

    /// <summary>The other leg's message whose headers are carried on; null for requests of our own.</summary>
    public SipMessage? Source { get; init; }

    public ReadOnlySpan<byte> Body { get; init; }

    /// <summary>Whole header lines of ours.</summary>
    public ReadOnlySpan<byte> ExtraLines { get; init; }

    public bool HasContact { get; init; }
}

/// <summary>What the client transaction of a request on a leg is for.</summary>
public readonly record struct LegRequestUse(SipMethod Method, ClientPurpose Purpose)
{
    /// <summary>The server transaction that its responses answer.</summary>
    public Handle Server { get; init; } = Handle.None;

    /// <summary>Within a dialog that is there already.</summary>
    public bool InDialog { get; init; }

    /// <summary>See <see cref="ClientTransaction.EndsSubscription"/>.</summary>
    public bool EndsSubscription { get; init; }

    /// <summary>Timer B or F in milliseconds; 0: 64*T1.</summary>
    public int Life { get; init; }
}

/// <summary>Writes requests on a leg: INVITE and all that follows it in the dialog (RFC 3261 12.2.1.1).</summary>
public sealed class LegRequest(
    Workspace work, CallTable calls, ClientTransactions clients, Credentials credentials)
{
    public const int MaxForwardsDefault = 70;

    /// <summary>Sends a request on a leg, with the leg's next number, in a client transaction of its own.</summary>
    /// <param name="client">The transaction; none where the request is refused.</param>
    /// <returns>0 when it is on its way; else the response that refuses it.</returns>
    public int Send(
        Handle call, int legIndex, scoped LegRequestParts parts, scoped HostMap map, LegRequestUse use,
        out Handle client)
    {
        if (!clients.TryCreate(use.Method, use.Purpose, out client)) return 503;
        ref LegState leg = ref calls[call].Legs[legIndex];
        Span<byte> slot = work.Outbox.Open();
        var writer = new SipWriter(slot);
        parts = parts with { CSeq = ++leg.LocalCSeq, BranchKind = TokenKind.Branch, Branch = client };
        Write(ref writer, call, legIndex, parts, map);
        ref ClientTransaction transaction = ref clients[client];
        transaction.Call = call;
        transaction.Server = use.Server;
        transaction.Leg = (byte)legIndex;
        transaction.InDialog = use.InDialog;
        transaction.EndsSubscription = use.EndsSubscription;
        transaction.HasNoOffer = parts.Body.Length == 0;
        transaction.CSeq = parts.CSeq;
        transaction.Peer = leg.Peer;
        int length = writer.Overflowed ? 0 : credentials.Add(leg.Peer, slot, writer.Length);
        int life = use.Life > 0 ? use.Life : work.Snapshot.Timers.T1x64;
        if (!writer.Overflowed && clients.Send(client, slot, length, leg.Listener, leg.NextHop, life)) return 0;
        clients.Drop(client);
        client = Handle.None;
        return writer.Overflowed ? 413 : 503;
    }

    public void Write(ref SipWriter writer, Handle callHandle, int legIndex, scoped LegRequestParts parts,
        scoped HostMap map)
    {
        ref LegState leg = ref calls[callHandle].Legs[legIndex];
        Listener listener = work.Snapshot.Listeners[leg.Listener];
        BufferPool buffers = work.Buffers;
        WriteTarget(ref writer, parts.Method, LegText.Target(buffers, leg), LegText.Routes(buffers, leg));
        WriteVia(ref writer, listener, parts.BranchKind, parts.Branch);
        writer.Header("Max-Forwards: "u8, parts.MaxForwards);
        Span<byte> token = stackalloc byte[Tokens.Length];
        calls.WriteToken(callHandle, legIndex, token);
        writer.Raw("From: "u8);
        writer.Raw(LegText.Local(buffers, leg));
        writer.Header(";tag="u8, token);
        writer.Raw("To: "u8);
        writer.Raw(LegText.Remote(buffers, leg));
        if (leg.RemoteTagLength > 0)
        {
            writer.Raw(";tag="u8);
            writer.Raw(LegText.RemoteTag(buffers, leg));
        }
        writer.EndLine();
        writer.Header("Call-ID: "u8, LegText.CallId(buffers, leg));
        writer.Raw("CSeq: "u8);
        writer.Number(parts.CSeq);
        writer.Byte((byte)' ');
        writer.Raw(parts.Method);
        writer.EndLine();
        if (parts.HasContact) WriteContact(ref writer, listener, token, parts.Source);
        if (parts.Source is not null)
        {
            bool leavesBodyOut = parts.Body.Length == 0 && parts.Source.BodyLength > 0;
            HeaderFilter.Copy(ref writer, parts.Source, map, leavesBodyOut);
        }
        writer.Raw(parts.ExtraLines);
        writer.Header("Content-Length: "u8, parts.Body.Length);
        writer.EndLine();
        writer.Raw(parts.Body);
    }

    /// <summary>Request line and Route; a first route without lr is a strict router (12.2.1.1).</summary>
    private static void WriteTarget(
        ref SipWriter writer, scoped ReadOnlySpan<byte> method, scoped ReadOnlySpan<byte> target,
        scoped ReadOnlySpan<byte> routes)
    {
        int end = Quoting.IndexOfValueEnd(routes);
        ReadOnlySpan<byte> first = end < 0 ? routes : routes[..end];
        if (routes.Length == 0 || IsLoose(first, out ReadOnlySpan<byte> strict))
        {
            writer.RequestLine(method, target);
            if (routes.Length > 0) writer.Header("Route: "u8, routes);
            return;
        }
        writer.RequestLine(method, strict);
        writer.Raw("Route: "u8);
        if (end >= 0)
        {
            writer.Raw(routes[(end + 1)..].Trim((byte)' '));
            writer.Raw(", "u8);
        }
        writer.Byte((byte)'<');
        writer.Raw(target);
        writer.Raw(">\r\n"u8);
    }

    private static bool IsLoose(ReadOnlySpan<byte> route, out ReadOnlySpan<byte> uriText)
    {
        uriText = default;
        if (!NameAddress.TryParse(route, out NameAddress address)) return true;
        uriText = address.Uri;
        return !SipUri.TryParse(address.Uri, out SipUri uri) || uri.TryGetParameter("lr"u8, out _);
    }

    public void WriteVia(ref SipWriter writer, Listener listener, TokenKind kind, Handle handle)
    {
        Span<byte> token = stackalloc byte[Tokens.Length];
        work.Tokens.Write(kind, work.Index, handle, token);
        writer.Raw("Via: SIP/2.0/UDP "u8);
        writer.Raw(listener.HostPort);
        writer.Raw(";branch=z9hG4bK"u8);
        writer.Raw(token);
        writer.Raw(";rport\r\n"u8);
    }

    /// <summary>Our Contact, with the feature parameters that theirs had.</summary>
    public static void WriteContact(ref SipWriter writer, Listener listener, scoped ReadOnlySpan<byte> token,
        SipMessage? source)
    {
        writer.Raw("Contact: <sip:"u8);
        writer.Raw(token);
        writer.Byte((byte)'@');
        writer.Raw(listener.HostPort);
        writer.Byte((byte)'>');
        if (source is not null && NameAddress.TryParse(source.Value(HeaderName.Contact), out NameAddress contact))
        {
            var parameters = new Parameters(contact.Parameters);
            while (parameters.MoveNext())
            {
                if (!ContactFeatures.Passes(parameters.Name)) continue;
                writer.Byte((byte)';');
                writer.Raw(parameters.Text);
            }
        }
        writer.EndLine();
    }
}
