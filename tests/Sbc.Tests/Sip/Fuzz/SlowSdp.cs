using System.Text;
using System.Text.RegularExpressions;
using Sbc.Runtime;
using Sbc.Sip.Sdp;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>The oracle of session descriptions: lines by strings, and a rewritten body put together anew.</summary>
internal sealed partial class SlowSdp
{
    private static readonly string[] RemovedNames =
    [
        "candidate", "ccap", "remote-candidates", "end-of-candidates", "alt", "altc", "path", "source-filter",
        "bundle-only",
    ];

    private static readonly Dictionary<string, SdpDirection> Directions = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sendrecv"] = SdpDirection.SendReceive,
        ["sendonly"] = SdpDirection.SendOnly,
        ["recvonly"] = SdpDirection.ReceiveOnly,
        ["inactive"] = SdpDirection.Inactive,
    };

    // The pieces of the body in their order: what stays as it is, and what the rewriting decides.
    private readonly List<Func<TransportAddress, SdpMediaPorts[], string>> _pieces = [];
    private int _edits;
    private bool _hasOrigin;

    public SdpError Error { get; private set; }

    public List<SlowMedia> Media { get; } = [];

    private SlowMedia Session { get; } = new();

    public static SlowSdp Parse(byte[] body)
    {
        var sdp = new SlowSdp();
        sdp.Error = sdp.ParseAll(Encoding.Latin1.GetString(body));
        return sdp;
    }

    /// <summary>The description of session 7, version 8, with our address and ports.</summary>
    public string Rebuild(TransportAddress ours, SdpMediaPorts[] ports) =>
        string.Concat(_pieces.Select(piece => piece(ours, ports)));

    private SdpError ParseAll(string text)
    {
        if (text == "") return SdpError.Empty;
        if (text.Length > SdpLimits.BodyBytesMax) return SdpError.TooLong;
        bool first = true;
        foreach (Match match in Line().Matches(text))
        {
            string line = match.Groups[1].Value, end = match.Groups[2].Value;
            if (line == "")
            {
                Keep(end);
                continue;
            }
            if (line.Contains('\r') || line.Contains('\0')) return SdpError.IllegalByte;
            if (!TypeAndValue().IsMatch(line)) return SdpError.MalformedLine;
            if (first && !VersionZero().IsMatch(line)) return SdpError.NotVersionZero;
            if (!first && line[0] == 'v') return SdpError.SecondSession;
            first = false;
            SdpError error = Take(line, end);
            if (_edits > SdpLimits.EditsMax) return SdpError.TooManyEdits;
            if (error != SdpError.None) return error;
        }
        if (first) return SdpError.Empty;
        if (!_hasOrigin) return SdpError.NoOrigin;
        return Media.Any(media => media.Port != 0 && !media.HasConnection && !Session.HasConnection)
            ? SdpError.NoConnection
            : SdpError.None;
    }

    private SdpError Take(string line, string end)
    {
        switch (line[0])
        {
            case 'o' when _hasOrigin || Media.Count > 0:
                return SdpError.SecondSession;
            case 'o':
                _hasOrigin = true;
                Edit((ours, _) => $"o=- 7 8 {Address(ours, false)}{end}");
                return SdpError.None;
            case 'c':
                Connection(line, end);
                return SdpError.None;
            case 'm':
                return MediaLine(line, end);
            case 'u' or 'k':
                Edit((_, _) => "");
                return SdpError.None;
            case 'a':
                Attribute(line, end);
                return SdpError.None;
            default:
                KeepHidden(line, end, line.Length);
                return SdpError.None;
        }
    }

    private void Connection(string line, string end)
    {
        TransportAddress? address = ReadAddress(line[2..]);
        bool isUnspecified = address is { IsUnspecified: true };
        SlowMedia media = Media.LastOrDefault() ?? Session;
        if (!media.HasConnection) (media.HasConnection, media.Connection) = (true, address);
        Edit((ours, _) => $"c={Address(ours, isUnspecified)}{end}");
    }

    private SdpError MediaLine(string line, string end)
    {
        if (Media.Count == SdpLimits.MediaMax) return SdpError.TooManyMedia;
        Match match = MediaValue().Match(line);
        if (!match.Success || Number(match.Groups["port"]) > 65535 || Number(match.Groups["count"]) > 65535)
            return SdpError.MalformedMedia;
        int index = Media.Count;
        var media = new SlowMedia
        {
            Port = Number(match.Groups["port"]),
            PortCount = match.Groups["count"].Success ? Number(match.Groups["count"]) : 1,
            Formats = match.Groups["formats"].Value.Trim(' ', '\t'),
        };
        Media.Add(media);
        KeepHidden(match.Groups["before"].Value, "", match.Groups["before"].Length);
        Edit((_, ports) => $"{Rtp(index, ports)}");
        KeepHidden(match.Groups["after"].Value, end, match.Groups["after"].Length);
        return SdpError.None;
    }

    private void Attribute(string line, string end)
    {
        string[] parts = line[2..].Split(':', 2);
        string name = parts[0].Trim(' ').ToLowerInvariant(), value = parts.Length > 1 ? parts[1] : "";
        SlowMedia? media = Media.LastOrDefault();
        if (Directions.TryGetValue(name, out SdpDirection direction)) (media ?? Session).Direction = direction;
        if (name == "rtcp-mux" && media != null) media.HasRtcpMux = true;
        if (name == "rtcp") Rtcp(media, value, end);
        else if (RemovedNames.Contains(name) || name.StartsWith("ice-") ||
            (name == "group" && value.TrimStart(' ').StartsWith("BUNDLE", StringComparison.OrdinalIgnoreCase)))
            Edit((_, _) => "");
        else KeepHidden(line, end, line.Length);
    }

    /// <summary>Nobody in place of each address in the last characters of the line.</summary>
    private void KeepHidden(string line, string end, int characters)
    {
        List<(int Start, int Length)> places = SlowLiterals.Find(line, line.Length - characters);
        _edits += places.Count;
        foreach ((int start, int length) in Enumerable.Reverse(places))
        {
            string nobody = line.Substring(start, length).Contains(':') ? "::" : "0.0.0.0";
            line = line[..start] + nobody + line[(start + length)..];
        }
        Keep(line + end);
    }

    private void Rtcp(SlowMedia? media, string value, string end)
    {
        string[] fields = Blanks().Split(value.Trim(' ', '\t'));
        if (media is null || !Port().IsMatch(fields[0]) || int.Parse(fields[0]) is 0 or > 65535)
        {
            Edit((_, _) => "");
            return;
        }
        TransportAddress? address = ReadAddress(string.Join(' ', fields.Skip(1)));
        if (media.RtcpPort == 0) (media.RtcpPort, media.RtcpConnection) = (int.Parse(fields[0]), address);
        int index = Media.Count - 1;
        Edit((ours, ports) =>
        {
            if (Rtp(index, ports) == 0) return "";
            bool isSamePort = media.HasRtcpMux && media.RtcpPort == media.Port;
            int port = isSamePort ? ports[index].Rtp : ports[index].Rtcp;
            string where = fields.Length > 1 ? " " + Address(ours, address is { IsUnspecified: true }) : "";
            return $"a=rtcp:{port}{where}{end}";
        });
    }

    private int Rtp(int index, SdpMediaPorts[] ports) =>
        index < ports.Length && Media[index].Port != 0 ? ports[index].Rtp : 0;

    public SdpDirection DirectionOf(SlowMedia media) =>
        media.Direction ?? Session.Direction ?? SdpDirection.SendReceive;

    public TransportAddress? ConnectionOf(SlowMedia media) =>
        media.HasConnection ? media.Connection : Session.Connection;

    private static string Address(TransportAddress ours, bool isUnspecified)
    {
        string host = Host(ours);
        if (isUnspecified) host = ours.IsIPv4 ? "0.0.0.0" : "::";
        return $"IN {(ours.IsIPv4 ? "IP4" : "IP6")} {host}";
    }

    private static string Host(TransportAddress ours) => ours.WithPort(0).ToString()[..^2].Trim('[', ']');

    /// <summary>null for what is no literal of the family it says.</summary>
    private static TransportAddress? ReadAddress(string value)
    {
        Match match = AddressValue().Match(value);
        if (!match.Success) return null;
        string host = match.Groups["host"].Value.Split('/')[0];
        if (host.Contains(':') != (match.Groups["family"].Value == "6")) return null;
        if (host.Contains('%') || host.Contains('[')) return null;
        return TransportAddress.TryParseHost(Encoding.Latin1.GetBytes(host), 0, out TransportAddress address)
            ? address
            : null;
    }

    private void Keep(string text) => _pieces.Add((_, _) => text);

    private void Edit(Func<TransportAddress, SdpMediaPorts[], string> piece)
    {
        _edits++;
        _pieces.Add(piece);
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.Value) : 0;

    // A CR before the LF belongs to the end of the line; one at the very end of the body to the line.
    [GeneratedRegex(@"\G(?!\z)([^\n]*?)(\r?\n|\z)")]
    private static partial Regex Line();

    [GeneratedRegex(@"^[a-z]=")]
    private static partial Regex TypeAndValue();

    [GeneratedRegex(@"^v=0 *\z")]
    private static partial Regex VersionZero();

    [GeneratedRegex(
        @"^(?<before>m=[ \t]*[^ \t]+[ \t]+)(?<port>[0-9]{1,9})(?:/(?<count>[0-9]{1,9}))?(?<after>[ \t]+[^ \t]+" +
        @"(?<formats>.*))\z", RegexOptions.Singleline)]
    private static partial Regex MediaValue();

    [GeneratedRegex(@"^[ \t]*IN[ \t]+IP(?<family>[46])[ \t]+(?<host>[^ \t]+)", RegexOptions.IgnoreCase)]
    private static partial Regex AddressValue();

    [GeneratedRegex(@"[ \t]+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"^[0-9]{1,9}\z")]
    private static partial Regex Port();
}
