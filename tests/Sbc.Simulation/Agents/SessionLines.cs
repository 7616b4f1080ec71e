using System.Globalization;
using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>One m-line as it was written, with what of the session applies to it.</summary>
public readonly record struct SessionLine(string Kind, string Profile, string Formats, TransportAddress Target)
{
    public bool IsRefused => Target.Port == 0;

    /// <summary>All lines of a description, in order; false where one cannot be read.</summary>
    public static bool TryReadAll(string body, out List<SessionLine> lines)
    {
        lines = [];
        string session = "", own = "";
        string[]? media = null;
        foreach (string line in body.Split("\r\n").Append("m="))
        {
            if (line.StartsWith("c=", StringComparison.Ordinal))
            {
                if (media is null) session = line.Split(' ')[^1];
                else own = line.Split(' ')[^1];
            }
            if (!line.StartsWith("m=", StringComparison.Ordinal)) continue;
            if (media is not null)
            {
                string host = own.Length > 0 ? own : session;
                if (media.Length < 4 || !int.TryParse(media[1], CultureInfo.InvariantCulture, out int port)
                    || !SipUri.TryAddress(host, port, out TransportAddress target)) return false;
                lines.Add(new SessionLine(media[0], media[2], string.Join(' ', media[3..]), target));
            }
            media = line[2..].Split(' ');
            own = "";
        }
        return true;
    }
}

/// <summary>
/// The m-lines of one end of a session that uses all of RFC 3264: lines come, are refused, come again as something
/// else, are held in every way; its answers are not always tidy. What it reads must be.
/// </summary>
public sealed class SessionLines(UserAgent agent)
{
    /// <summary>A codec that the storm's box lets nobody name on the edge.</summary>
    public const string DeniedFormat = "18";

    private const int LinesMax = 5;

    private static readonly string[] Kinds = ["audio", "video", "image", "text", "message"];

    private Dictionary<int, RtpEndpoint> _endpoints = [];
    private List<Own> _agreed = [];
    private List<Own> _offered = [];
    private List<SessionLine> _theirs = [];

    private readonly record struct Own(string Kind, int Port)
    {
        public bool IsRefused => Port == 0;
    }

    /// <summary>Its media, where it has any: that of the first line.</summary>
    public RtpEndpoint? Media { get; set; }

    public SessionLines Fork() => new(agent)
    {
        Media = Media,
        _endpoints = new Dictionary<int, RtpEndpoint>(_endpoints),
        _offered = [.. _offered],
        _agreed = [.. _agreed],
    };

    public string WriteOffer(in TransportAddress media, long session, long version, string mark)
    {
        Xoshiro random = agent.Random;
        _offered = [.. _agreed];
        if (_offered.Count == 0) _offered.Add(new Own("audio", media.Port));
        // Speech becomes a fax in its own line and comes back.
        else if (random.Chance(0.15))
            _offered[0] = new Own(_offered[0].Kind == "audio" ? "image" : "audio", media.Port);
        for (int line = 1; line < _offered.Count; line++)
        {
            if (!random.Chance(0.3)) continue;
            _offered[line] = _offered[line].IsRefused
                ? new Own(random.Pick(Kinds), PortOf(line, isNew: true))
                : _offered[line] with { Port = 0 };
        }
        while (_offered.Count < LinesMax && random.Chance(0.35))
            _offered.Add(new Own(random.Pick(Kinds), PortOf(_offered.Count, isNew: true)));
        return Write(media, session, version, mark, _offered, random.Pick(["", "sendrecv", "sendonly", "inactive"]));
    }

    public string WriteAnswer(in TransportAddress media, long session, long version, string mark)
    {
        Xoshiro random = agent.Random;
        var lines = new List<Own>();
        for (int line = 0; line < _theirs.Count; line++)
        {
            bool isTaken = !_theirs[line].IsRefused && (line == 0 || random.Chance(0.8));
            int port = !isTaken ? 0 : line == 0 ? media.Port : PortOf(line, isNew: false);
            lines.Add(new Own(_theirs[line].Kind, port));
        }
        Direct(lines);
        Agree([.. lines]);
        // Whoever refuses the last lines may leave them out, and some write one that nobody offered.
        while (lines.Count > 1 && lines[^1].IsRefused && random.Chance(0.3)) lines.RemoveAt(lines.Count - 1);
        if (lines.Count == _theirs.Count && random.Chance(0.1)) lines.Add(new Own("video", media.Port + 100));
        return Write(media, session, version, mark, lines, random.Pick(["", "sendrecv", "recvonly", "inactive"]));
    }

    /// <summary>Sends again where the session wants it: another early dialog's was heard last.</summary>
    public void Resume() => Direct(_agreed);

    public void Withdraw() => _offered = [];

    /// <summary>Null, or what is wrong with an offer.</summary>
    public string? ReadOffer(List<SessionLine> lines)
    {
        _theirs = lines;
        if (lines.Count < _agreed.Count) return "an offer with fewer lines than the session has (RFC 3264 8)";
        for (int line = 1; line < _agreed.Count; line++)
        {
            if (!_agreed[line].IsRefused && lines[line].Kind != _agreed[line].Kind)
                return $"line {line} became {lines[line].Kind} (RFC 3264 8.3.3)";
        }
        return DeniedIn(lines);
    }

    /// <summary>Null, or what is wrong with the answer to what was offered.</summary>
    public string? ReadAnswer(List<SessionLine> lines, bool preview)
    {
        if (lines.Count != _offered.Count) return $"{lines.Count} lines answer {_offered.Count} (RFC 3264 6)";
        for (int line = 0; line < lines.Count; line++)
        {
            if (lines[line].Kind != _offered[line].Kind) return $"line {line} answers with {lines[line].Kind}";
            if (_offered[line].IsRefused && !lines[line].IsRefused) return $"line {line} was not offered";
        }
        _theirs = lines;
        Direct(_offered);
        if (!preview)
            Agree([.. _offered.Select((own, line) => lines[line].IsRefused ? own with { Port = 0 } : own)]);
        return DeniedIn(lines);
    }

    // Nothing is sent any more in a line that is over: its ports may be another call's soon.
    private void Agree(List<Own> lines)
    {
        _agreed = lines;
        for (int line = 1; line < lines.Count; line++)
        {
            if (lines[line].IsRefused && _endpoints.TryGetValue(line, out RtpEndpoint? endpoint)) endpoint.Stop();
        }
    }

    private static string? DeniedIn(List<SessionLine> lines) =>
        lines.Exists(line => !line.IsRefused && line.Kind == "audio" && line.Formats.Split(' ').Contains(DeniedFormat))
            ? "a codec that the realm denies"
            : null;

    private void Direct(List<Own> own)
    {
        for (int line = 1; line < Math.Min(own.Count, _theirs.Count); line++)
        {
            TransportAddress target = _theirs[line].Target;
            if (own[line].IsRefused || target.Port == 0 || target.IsUnspecified) continue;
            if (_endpoints.TryGetValue(line, out RtpEndpoint? endpoint)) endpoint.SetTarget(target);
        }
    }

    private int PortOf(int line, bool isNew)
    {
        if (Media is null) return 40_000 + (2 * line);
        if (!isNew && _endpoints.TryGetValue(line, out RtpEndpoint? known) && !known.IsStopped)
            return known.Written.Port;
        RtpEndpoint endpoint = Media.OpenLine(line);
        if (_endpoints.Remove(line, out RtpEndpoint? former)) former.Stop();
        _endpoints.Add(line, endpoint);
        return endpoint.Written.Port;
    }

    private string Write(
        in TransportAddress media, long session, long version, string mark, List<Own> lines, string direction)
    {
        string host = Address.Host(media).Trim('[', ']');
        var text = new StringBuilder();
        void Add(string line) => text.Append(line).Append("\r\n");
        Add("v=0");
        Add(string.Create(CultureInfo.InvariantCulture, $"o={agent.Name} {session} {version} IN IP4 {host}"));
        Add("s=-");
        Add($"u=http://{host}/");
        bool isInSession = agent.Random.Chance(0.5);
        if (isInSession) Add($"c=IN IP4 {host}");
        Add("t=0 0");
        Add("a=group:BUNDLE 0 1");
        Add(mark);
        for (int line = 0; line < lines.Count; line++)
        {
            (string profile, string formats) = lines[line].Kind switch
            {
                "image" => ("udptl", "t38"),
                "message" => ("TCP/MSRP", "*"),
                "audio" => ("RTP/AVP", $"0 {DeniedFormat} 101"),
                _ => ("RTP/AVP", "96"),
            };
            Add(string.Create(
                CultureInfo.InvariantCulture, $"m={lines[line].Kind} {lines[line].Port} {profile} {formats}"));
            bool isHeld = line > 0 && agent.Random.Chance(0.1);
            if (isHeld) Add("c=IN IP4 0.0.0.0");
            else if (!isInSession) Add($"c=IN IP4 {host}");
            if (formats == "96") Add("a=rtpmap:96 X/90000");
            if (direction.Length > 0) Add($"a={direction}");
            Add($"a=candidate:1 1 UDP 2130706431 {host} 8998 typ host");
            Add($"a=ssrc:{line + 1} cname:{agent.Name}@{host}");
        }
        return text.ToString();
    }
}
