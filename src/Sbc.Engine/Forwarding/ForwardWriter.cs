using System.Text;
using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Transactions;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Forwarding;

/// <summary>Writes a forwarded message: what was received, with few edits, in few copies (RFC 3261 16.6, 16.7).
/// </summary>
public sealed class ForwardWriter(Workspace work)
{
    public void Request(
        ref SipWriter writer, SipMessage request, in ViaValue via, in Origin origin, scoped ForwardHop hop)
    {
        bool toSource = origin.Realm.NatAuto && StatelessReply.ViaDiffers(via, origin);
        writer.Raw(request.MethodToken);
        writer.Byte((byte)' ');
        WriteUri(ref writer, request.RequestUri, origin, hop);
        writer.Raw(" SIP/2.0\r\n"u8);
        WriteOwnVia(ref writer, request, via, origin, hop, toSource);
        if (hop.Recorded is not null) WriteRecordRoute(ref writer, origin, hop, toSource);
        if (!request.Has(HeaderName.MaxForwards)) writer.Header("Max-Forwards: "u8, LegRequest.MaxForwardsDefault);
        bool viaDone = false;
        int take = hop.RoutesTaken;
        int copied = request.HeaderCount > 0 ? request.Field(0).LineStart : request.BodyStart;
        for (int i = 0; i < request.HeaderCount; i++)
        {
            HeaderName name = request.NameAt(i);
            bool edits = name == HeaderName.MaxForwards || (name == HeaderName.Via && !viaDone) ||
                (name == HeaderName.Route && (take > 0 || hop.DropsRoutes));
            if (!edits) continue;
            ref readonly HeaderField field = ref request.Field(i);
            writer.Raw(request.Bytes[copied..field.LineStart]);
            copied = field.LineEnd;
            if (name == HeaderName.MaxForwards)
            {
                writer.Header("Max-Forwards: "u8, MaxForwards.Next(request));
            }
            else if (name == HeaderName.Via)
            {
                viaDone = true;
                WriteTheirVia(ref writer, request.Value(i), via, origin, toSource);
            }
            else if (!hop.DropsRoutes)
            {
                WriteRoutesLeft(ref writer, request.Value(i), ref take);
            }
        }
        writer.Raw(request.Bytes[copied..(request.BodyStart + request.BodyLength)]);
    }

    /// <summary>The response without our Via.</summary>
    public static void Response(ref SipWriter writer, SipMessage response, in ViaValue own)
    {
        response.TryFind(HeaderName.Via, out int index);
        ref readonly HeaderField field = ref response.Field(index);
        ReadOnlySpan<byte> value = response.Value(index);
        ReadOnlySpan<byte> rest = value[(value.IndexOf(own.Text) + own.Text.Length)..];
        writer.Raw(response.Bytes[..field.LineStart]);
        int comma = rest.IndexOf((byte)',');
        if (comma >= 0) writer.Header("Via: "u8, Grammar.TrimStart(rest[(comma + 1)..]));
        writer.Raw(response.Bytes[field.LineEnd..(response.BodyStart + response.BodyLength)]);
    }

    /// <summary>Our own name in the Request-URI means what is behind us.</summary>
    private static void WriteUri(
        ref SipWriter writer, ReadOnlySpan<byte> text, in Origin origin, scoped ForwardHop hop)
    {
        if (hop.Target.Length == 0 || !SipUri.TryParse(text, out SipUri uri) || !uri.IsSip ||
            !origin.Realm.IsOwnHost(uri.Host))
        {
            writer.Raw(text);
            return;
        }
        writer.Raw(text[..uri.HostStart]);
        writer.Raw(hop.Target);
        writer.Raw(text[(uri.HostStart + uri.HostPortLength)..]);
    }

    private void WriteOwnVia(
        ref SipWriter writer, SipMessage request, in ViaValue via, in Origin origin, scoped ForwardHop hop,
        bool toSource)
    {
        Span<byte> token = stackalloc byte[ForwardTokens.BranchLength];
        ushort port = ServerTransactions.ReplyPort(via, origin.Source, toSource);
        var next = new NextVia(origin.Source.WithPort(port), work.Hash.Hash(via.Branch));
        work.ForwardTokens.Write(
            new ForwardBranch(origin.Listener, hop.Listener.Index), Transaction(request, via), next, token);
        writer.Raw("Via: SIP/2.0/UDP "u8);
        writer.Raw(hop.Listener.HostPort);
        writer.Raw(";branch=z9hG4bK"u8);
        writer.Raw(token);
        writer.Raw("\r\n"u8);
    }

    /// <summary>
    /// The same for each repetition and for CANCEL and ACK of a failure (16.11): of their branch where it is one, else
    /// of what they have in common. The tag in To is not: the ACK has one.
    /// </summary>
    private ulong Transaction(SipMessage request, in ViaValue via)
    {
        if (via.IsRfc3261) return work.Hash.Hash(via.Branch);
        CSeqValue.TryParse(request.Value(HeaderName.CSeq), out CSeqValue cseq);
        ulong hash = work.Hash.Hash(via.Text) ^ ulong.RotateLeft(work.Hash.Hash(request.RequestUri), 13);
        hash ^= ulong.RotateLeft(work.Hash.Hash(request.Value(HeaderName.CallId)), 29);
        return hash + ulong.RotateLeft(work.Hash.Hash(request.Value(HeaderName.From)), 43) + cseq.Number;
    }

    /// <summary>
    /// The sender's Via with where it came from: received, and rport where it asks or is behind NAT (18.2.1, RFC 3581).
    /// </summary>
    private static void WriteTheirVia(
        ref SipWriter writer, ReadOnlySpan<byte> field, in ViaValue via, in Origin origin, bool toSource)
    {
        writer.Raw("Via: "u8);
        writer.Raw(via.Text[..(via.Text.Length - via.Parameters.Length)]);
        var parameters = new Parameters(via.Parameters);
        while (parameters.MoveNext())
        {
            if (Ascii.EqualsIgnoreCase(parameters.Name, "received"u8) ||
                Ascii.EqualsIgnoreCase(parameters.Name, "rport"u8)) continue;
            writer.Byte((byte)';');
            writer.Raw(parameters.Text);
        }
        bool port = via.HasRport || toSource;
        bool same = TransportAddress.TryParseHost(via.Host, 0, out TransportAddress host) &&
            host.SameAddress(origin.Source);
        if (port || !same)
        {
            writer.Raw(";received="u8);
            // The grammar of received has no brackets around IPv6 (RFC 3261 25.1 via-received).
            Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
            ReadOnlySpan<byte> address = text[..origin.Source.WriteHost(text)];
            writer.Raw(address[0] == '[' ? address[1..^1] : address);
        }
        if (port)
        {
            writer.Raw(";rport="u8);
            writer.Number(origin.Source.Port);
        }
        writer.Raw(field[(field.IndexOf(via.Text) + via.Text.Length)..]);
        writer.EndLine();
    }

    /// <summary>
    /// One for each side where the realms differ, the next one's on top, so that each names the address that its side
    /// reaches us at (RFC 5658).
    /// </summary>
    private void WriteRecordRoute(ref SipWriter writer, in Origin origin, scoped ForwardHop hop, bool isBehindNat)
    {
        Listener here = work.Snapshot.Listeners[origin.Listener];
        // Behind NAT nobody reaches the address in its Contact: the token remembers where it is.
        TransportAddress flow = isBehindNat ? origin.Source : default;
        var there = new ForwardRoute(hop.Listener.Index, here.Index, hop.Recorded!.Id, flow);
        WriteRecordRoute(ref writer, hop.Listener, there);
        if (here == hop.Listener) return;
        WriteRecordRoute(ref writer, here, new ForwardRoute(here.Index, hop.Listener.Index, hop.Recorded.Id, default));
    }

    private void WriteRecordRoute(ref SipWriter writer, Listener listener, in ForwardRoute route)
    {
        Span<byte> token = stackalloc byte[ForwardTokens.RouteLength];
        work.ForwardTokens.Write(route, token);
        writer.Raw("Record-Route: <sip:"u8);
        writer.Raw(token);
        writer.Byte((byte)'@');
        writer.Raw(listener.HostPort);
        writer.Raw(";lr>\r\n"u8);
    }

    private static void WriteRoutesLeft(ref SipWriter writer, ReadOnlySpan<byte> values, ref int take)
    {
        while (take > 0)
        {
            take--;
            int comma = Quoting.IndexOfValueEnd(values);
            if (comma < 0) return;
            values = values[(comma + 1)..];
        }
        writer.Header("Route: "u8, Grammar.TrimStart(values));
    }
}
