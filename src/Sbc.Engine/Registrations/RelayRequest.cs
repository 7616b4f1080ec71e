using System.Buffers.Binary;
using Sbc.Engine.Calls;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;

namespace Sbc.Engine.Registrations;

/// <summary>What one REGISTER to the core registrar is made of, beside the phone's own.</summary>
public readonly record struct RelayRequestParts
{
    public required Peer Peer { get; init; }

    /// <summary>Client transaction.</summary>
    public required Handle Client { get; init; }

    /// <summary>Requests that this REGISTER has made before.</summary>
    public required int Attempt { get; init; }

    /// <summary>Seconds asked for.</summary>
    public required int Expires { get; init; }

    public required bool WritesPath { get; init; }
}

/// <summary>
/// Writes a phone's REGISTER as the core registrar gets it: a Contact of ours for each of the phone's, everything that
/// credentials cover as it is, the rest hidden as on any leg.
/// </summary>
public sealed class RelayRequest(Workspace work, LocationTable locations, LegRequest requests)
{
    private const int CallIdBytes = 16;

    private readonly LocationShard _shard = locations.Shard(work.Index);

    /// <param name="contacts">What the request changes; empty for a query and for a star.</param>
    public void Write(
        ref SipWriter writer, in Registration registration, ReadOnlySpan<ContactChange> contacts,
        RelayRequestParts parts)
    {
        SipMessage register = registration.Register;
        // The box's own address stands for the domain, which is what the registrar knows.
        HostMap domain = Map(registration.Origin, parts.Peer, AddressOfRecord.DomainOf(registration.Aor));
        writer.Raw("REGISTER "u8);
        HostMap.Write(ref writer, register.RequestUri, domain);
        writer.Raw(" SIP/2.0\r\n"u8);
        requests.WriteVia(ref writer, parts.Peer.Listener, TokenKind.Branch, parts.Client);
        writer.Header("Max-Forwards: "u8, MaxForwards.Next(register));
        Span<byte> tag = stackalloc byte[Tokens.Length];
        work.Tokens.Write(TokenKind.Stateless, work.Index, parts.Client, tag);
        WriteAddress(ref writer, "From: "u8, register.Value(HeaderName.From), domain);
        writer.Header(";tag="u8, tag);
        WriteAddress(ref writer, "To: "u8, register.Value(HeaderName.To), domain);
        writer.EndLine();
        WriteNumbers(ref writer, register, registration.Hash, parts.Attempt);
        foreach (ref readonly ContactChange contact in contacts)
            WriteContact(ref writer, contact, registration.Aor, parts);
        if (IsStar(register)) writer.Raw("Contact: *\r\n"u8);
        if (parts.WritesPath && contacts.Length > 0) WritePath(ref writer, parts.Peer.Listener);
        HeaderFilter.Copy(ref writer, register, Map(registration.Origin, parts.Peer, parts.Peer.HostPort));
        writer.Raw("Content-Length: 0\r\n\r\n"u8);
    }

    private static bool IsStar(SipMessage register) =>
        NameAddress.TryParse(register.Value(HeaderName.Contact), out NameAddress contact) && contact.IsStar;

    /// <summary>
    /// One Call-ID for each of the phone's, and numbers that grow with the phone's: the registrar sees the same order
    /// (RFC 3261 10.2.4), whatever attempt got through.
    /// </summary>
    private void WriteNumbers(ref SipWriter writer, SipMessage register, ulong aor, int attempt)
    {
        Span<byte> bytes = stackalloc byte[CallIdBytes];
        (ulong low, ulong high) = work.Hash.Hash128(register.Value(HeaderName.CallId));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, low ^ aor);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], high);
        Span<byte> text = stackalloc byte[32];
        int length = Base32.LengthOf(CallIdBytes);
        Base32.Encode(bytes, text[..length]);
        writer.Header("Call-ID: "u8, text[..length]);
        CSeqValue.TryParse(register.Value(HeaderName.CSeq), out CSeqValue cseq);
        writer.Raw("CSeq: "u8);
        writer.Number(((cseq.Number & 0x1FFF_FFFF) << 2) | (uint)Math.Min(3, attempt));
        writer.Raw(" REGISTER\r\n"u8);
    }

    private void WriteContact(
        ref SipWriter writer, in ContactChange contact, ReadOnlySpan<byte> aor, in RelayRequestParts parts)
    {
        // What is not known here cannot be taken away there: the registrar still says what there is.
        if (contact.Removes && (contact.Target < 0 || _shard[contact.Target].Id.IsNone)) return;
        Span<byte> id = stackalloc byte[ContactId.Length];
        IdOf(contact, aor).Write(id);
        writer.Raw("Contact: <sip:"u8);
        writer.Raw(id);
        writer.Byte((byte)'@');
        writer.Raw(parts.Peer.Listener.HostPort);
        writer.Raw(">;expires="u8);
        writer.Number(contact.Removes ? 0 : parts.Expires);
        if (!contact.Removes)
        {
            BindingText text = new(_shard.Bytes(contact.Binding.Text), contact.Binding);
            RegisterResponse.WriteTraits(ref writer, contact.Binding, text);
        }
        writer.EndLine();
    }

    /// <summary>A binding keeps its name; a new one gets the name that is made of it.</summary>
    private ContactId IdOf(in ContactChange contact, ReadOnlySpan<byte> aor)
    {
        ContactId known = contact.Target < 0 ? default : _shard[contact.Target].Id;
        return known.IsNone ? NewIdOf(contact, aor) : known;
    }

    /// <summary>The name that a Contact has at the registrar when it has none here.</summary>
    public ContactId NewIdOf(in ContactChange contact, ReadOnlySpan<byte> aor)
    {
        var text = new BindingText(_shard.Bytes(contact.Binding.Text), contact.Binding);
        return ContactId.Of(work.Hash, aor, text, contact.Binding.RegId);
    }

    private static void WritePath(ref SipWriter writer, Listener listener)
    {
        writer.Raw("Path: <sip:"u8);
        writer.Raw(listener.HostPort);
        writer.Raw(";lr>\r\nSupported: path\r\n"u8);
    }

    private static void WriteAddress(
        ref SipWriter writer, scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> value, scoped HostMap map)
    {
        NameAddress.TryParse(value, out NameAddress address);
        writer.Raw(name);
        writer.Raw(address.DisplayName);
        writer.Raw(address.DisplayName.Length > 0 ? " <"u8 : "<"u8);
        HostMap.Write(ref writer, address.Uri, map);
        writer.Byte((byte)'>');
    }

    private HostMap Map(in Origin origin, Peer peer, ReadOnlySpan<byte> target) => new()
    {
        From = origin.Realm,
        FromTrusted = work.Snapshot.Trusts(origin.Realm.Id, origin.Peer?.Id ?? -1),
        To = peer.Realm,
        ToTrusted = work.Snapshot.Trusts(peer.Realm.Id, peer.Id),
        ToListener = peer.Listener,
        Target = target,
        TargetAddress = peer.Address,
        ToPeer = true,
    };
}
