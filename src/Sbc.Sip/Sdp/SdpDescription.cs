using Sbc.Runtime;

namespace Sbc.Sip.Sdp;

/// <summary>
/// An index over the bytes of a session description (RFC 8866, used as RFC 3264 says). Reusable; parsing allocates
/// nothing for IPv4. The bytes stay the caller's and are handed in again wherever a range is resolved.
/// </summary>
/// <remarks>
/// Lenient where leniency cannot hide an address (field separators, missing s= and t=, a malformed o=, a name or a
/// telephone number in c=), strict where two parsers could see two descriptions in the same bytes.
/// </remarks>
public sealed class SdpDescription
{
    private readonly SdpMedia[] _media = new SdpMedia[SdpLimits.MediaMax];
    private readonly SdpEdit[] _edits = new SdpEdit[SdpLimits.EditsMax];
    private int _mediaCount;
    private int _editCount;
    private bool _hasOrigin;
    private bool _hasConnection;
    private bool _isUnspecified;
    private bool _hasFingerprint;

    public ReadOnlySpan<SdpMedia> Media => _media.AsSpan(0, _mediaCount);

    public SdpOrigin Origin { get; private set; }

    /// <summary>The session's c=, port 0; None without one, and for a name.</summary>
    public TransportAddress Connection { get; private set; }

    public SdpDirection Direction { get; private set; }

    /// <summary>Length of the body this was parsed from; 0 when the last parse failed.</summary>
    public int BodyLength { get; private set; }

    internal bool HasConnection => _hasConnection;

    internal ReadOnlySpan<SdpEdit> Edits => _edits.AsSpan(0, _editCount);

    /// <summary>Whether anything is left to talk over: some m-line that is not refused.</summary>
    public bool HasActiveMedia
    {
        get
        {
            foreach (ref readonly SdpMedia media in Media)
            {
                if (!media.IsRejected) return true;
            }
            return false;
        }
    }

    public bool TryParse(ReadOnlySpan<byte> body, out SdpError error)
    {
        Reset();
        error = Parse(body);
        if (error == SdpError.None) error = Resolve();
        if (error == SdpError.None)
        {
            BodyLength = body.Length;
            return true;
        }
        Reset();
        return false;
    }

    private void Reset()
    {
        _mediaCount = 0;
        _editCount = 0;
        _hasOrigin = false;
        _hasConnection = false;
        _isUnspecified = false;
        _hasFingerprint = false;
        Origin = default;
        Connection = default;
        Direction = SdpDirection.SendReceive;
        BodyLength = 0;
    }

    private SdpError Parse(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty) return SdpError.Empty;
        if (body.Length > SdpLimits.BodyBytesMax) return SdpError.TooLong;
        var lines = new SdpLines(body);
        bool first = true;
        SdpError error;
        while (lines.TryNext(out error))
        {
            if (first != (lines.Type == 'v')) return first ? SdpError.NotVersionZero : SdpError.SecondSession;
            if (first && !lines.Value.Of(body).TrimEnd((byte)' ').SequenceEqual("0"u8)) return SdpError.NotVersionZero;
            first = false;
            error = Line(body, lines);
            if (error != SdpError.None) return error;
        }
        if (error != SdpError.None) return error;
        if (first) return SdpError.Empty;
        return _hasOrigin ? SdpError.None : SdpError.NoOrigin;
    }

    private SdpError Line(ReadOnlySpan<byte> body, in SdpLines line) => line.Type switch
    {
        (byte)'o' => OriginLine(body, line),
        (byte)'c' => ConnectionLine(body, line),
        (byte)'m' => MediaLine(body, line),
        (byte)'a' => AttributeLine(body, line),
        // u= (RFC 8866 5.5) names a host of the other side and means nothing in a call: it goes. So does k=, which may
        // name one too and is obsolete (5.12). i=, e= and p= are words for people and stay, as does whatever is
        // unknown, but for addresses in them.
        (byte)'u' or (byte)'k' => Edit(SdpEditKind.Remove, line),
        _ => Literals(body, line.Value),
    };

    private SdpError OriginLine(ReadOnlySpan<byte> body, in SdpLines line)
    {
        if (_hasOrigin || _mediaCount > 0) return SdpError.SecondSession;
        _hasOrigin = true;
        var fields = new SdpFields(body, line.Value);
        if (fields.TryNext(out SdpRange user) && fields.TryNext(out SdpRange id) && fields.TryNext(out SdpRange version)
            && fields.TryNext(out SdpRange network) && fields.TryNext(out SdpRange type)
            && fields.TryNext(out SdpRange address) && !fields.TryNext(out _))
        {
            Origin = new SdpOrigin(user, id, version, network, type, address);
        }
        return Edit(SdpEditKind.Origin, line);
    }

    private SdpError ConnectionLine(ReadOnlySpan<byte> body, in SdpLines line)
    {
        var fields = new SdpFields(body, line.Value);
        bool isUnspecified = fields.TryAddress(out TransportAddress address) && address.IsUnspecified;
        // Of several (hierarchical multicast, RFC 8866 5.7) the first counts; all are replaced.
        if (_mediaCount == 0 && !_hasConnection)
        {
            Connection = address;
            _hasConnection = true;
            _isUnspecified = isUnspecified;
        }
        else if (_mediaCount > 0 && !Current.HasConnection)
        {
            Current.Connection = address;
            Current.HasConnection = true;
            Current.HasUnspecifiedConnection = isUnspecified;
        }
        return Edit(SdpEditKind.Connection, line, isUnspecified);
    }

    private SdpError MediaLine(ReadOnlySpan<byte> body, in SdpLines line)
    {
        if (_mediaCount == SdpLimits.MediaMax) return SdpError.TooManyMedia;
        var fields = new SdpFields(body, line.Value);
        if (!fields.TryNext(out SdpRange kind) || !fields.TryNext(out SdpRange port)
            || !fields.TryNext(out SdpRange profile)
            || !SdpNumber.TryPorts(port.Of(body), out ushort first, out int count))
        {
            return SdpError.MalformedMedia;
        }
        SdpRange formats = fields.Rest(out int formatCount);
        _media[_mediaCount++] = new SdpMedia
        {
            Kind = SdpProfiles.ParseKind(kind.Of(body)),
            Profile = SdpProfiles.Parse(profile.Of(body)),
            Port = first,
            PortCount = count,
            Formats = formats,
            FormatCount = formatCount,
            Line = line.Line,
        };
        SdpError error = Literals(body, kind);
        if (error == SdpError.None)
        {
            error = Edit(new SdpEdit(
                SdpEditKind.Port, (short)(_mediaCount - 1), 0, false, false, port.Start, port.Length));
        }
        var behind = new SdpRange(profile.Start, line.Value.End - profile.Start);
        return error == SdpError.None ? Literals(body, behind) : error;
    }

    private SdpError AttributeLine(ReadOnlySpan<byte> body, in SdpLines line)
    {
        ReadOnlySpan<byte> text = line.Value.Of(body);
        int colon = text.IndexOf((byte)':');
        ReadOnlySpan<byte> name = (colon < 0 ? text : text[..colon]).Trim((byte)' ');
        SdpRange value = colon < 0 ? default : new SdpRange(line.Value.Start + colon + 1, text.Length - colon - 1);
        switch (SdpAttributes.Recognise(name))
        {
            case SdpAttribute.Direction:
                SetDirection(SdpAttributes.Direction(name));
                return Literals(body, line.Value);
            case SdpAttribute.RtcpMux:
                if (_mediaCount > 0) Current.HasRtcpMux = true;
                return Literals(body, line.Value);
            case SdpAttribute.Rtcp:
                return RtcpLine(body, value, line);
            case SdpAttribute.Group:
                return SdpAttributes.IsBundle(value.Of(body))
                    ? Edit(SdpEditKind.Remove, line)
                    : Literals(body, line.Value);
            case SdpAttribute.Removed:
                return Edit(SdpEditKind.Remove, line);
            case SdpAttribute.Crypto:
                if (_mediaCount > 0) Current.HasCrypto = true;
                return Literals(body, line.Value);
            case SdpAttribute.Fingerprint:
                if (_mediaCount > 0) Current.HasFingerprint = true;
                else _hasFingerprint = true;
                return Literals(body, line.Value);
            default:
                return Literals(body, line.Value);
        }
    }

    private SdpError RtcpLine(ReadOnlySpan<byte> body, SdpRange value, in SdpLines line)
    {
        var fields = new SdpFields(body, value);
        // Of a media line only (RFC 3605 2.1). What cannot be read is removed, as it may hold an address.
        if (_mediaCount == 0 || !fields.TryNext(out SdpRange port)
            || !SdpNumber.TryParse(port.Of(body), 65_535, out int number) || number == 0)
        {
            return Edit(SdpEditKind.Remove, line);
        }
        SdpFields rest = fields;
        bool hasAddress = rest.TryNext(out _);
        bool isUnspecified = fields.TryAddress(out TransportAddress address) && address.IsUnspecified;
        if (Current.RtcpPort == 0)
        {
            Current.RtcpPort = (ushort)number;
            Current.RtcpConnection = address;
        }
        return Edit(SdpEditKind.Rtcp, line, isUnspecified, hasAddress);
    }

    /// <summary>What needs the whole: the session's lines apply where an m-line has none of its own.</summary>
    private SdpError Resolve()
    {
        foreach (ref SdpMedia media in _media.AsSpan(0, _mediaCount))
        {
            if (!media.HasConnection && !_hasConnection && media.Port != 0) return SdpError.NoConnection;
            TransportAddress address = media.HasConnection ? media.Connection : Connection;
            if (!media.HasConnection) media.HasUnspecifiedConnection = _isUnspecified;
            if (!media.HasOwnDirection) media.Direction = Direction;
            media.HasFingerprint |= _hasFingerprint;
            if (media.Port == 0) continue;
            int rtcpPort = media.RtcpPort != 0 ? media.RtcpPort : media.Port + 1;
            TransportAddress rtcp = media.RtcpConnection.IsUnspecified ? address : media.RtcpConnection;
            // IsUnspecified is also what an address that could not be read looks like: nothing can be sent to either.
            if (!address.IsUnspecified) media.Address = address.WithPort(media.Port);
            if (!rtcp.IsUnspecified && rtcpPort <= 65_535) media.RtcpAddress = rtcp.WithPort(rtcpPort);
        }
        return SdpError.None;
    }

    private ref SdpMedia Current => ref _media[_mediaCount - 1];

    private void SetDirection(SdpDirection direction)
    {
        if (_mediaCount == 0)
        {
            Direction = direction;
            return;
        }
        Current.Direction = direction;
        Current.HasOwnDirection = true;
    }

    private SdpError Literals(ReadOnlySpan<byte> body, SdpRange value)
    {
        ReadOnlySpan<byte> text = value.Of(body);
        for (int at = 0; SdpLiterals.TryNext(text, at, out SdpRange literal); at = literal.End)
        {
            SdpError error = Edit(new SdpEdit(
                SdpEditKind.Literal, (short)(_mediaCount - 1), 0, false, false, value.Start + literal.Start,
                literal.Length, literal.Of(text).IndexOf((byte)':') >= 0));
            if (error != SdpError.None) return error;
        }
        return SdpError.None;
    }

    private SdpError Edit(SdpEditKind kind, in SdpLines line, bool isUnspecified = false, bool hasAddress = false) =>
        Edit(new SdpEdit(
            kind, (short)(_mediaCount - 1), line.EndLength, isUnspecified, hasAddress,
            line.Line.Start, line.Line.Length));

    private SdpError Edit(in SdpEdit edit)
    {
        if (_editCount == _edits.Length) return SdpError.TooManyEdits;
        _edits[_editCount++] = edit;
        return SdpError.None;
    }
}
