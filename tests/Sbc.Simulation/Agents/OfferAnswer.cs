using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// RFC 3264 within one dialog: at most one offer is open, every answer is the answer to it, and o= only goes forward.
/// </summary>
public sealed class OfferAnswer(UserAgent agent, long number, char leg)
{
    private const string Boundary = "part";

    private SessionLines? _lines = agent.HasManyLines ? new SessionLines(agent) : null;
    private RtpEndpoint? _media;
    private TransportAddress? _target;
    private string? _ours;
    private string? _theirs;
    private string? _answer;
    private long _version;
    private long _remoteSession = -1;
    private long _remoteVersion;
    private string _remoteBody = "";

    /// <summary>An offer of ours has no answer yet.</summary>
    public bool LocalPending => _ours != null;

    /// <summary>An offer of theirs has no answer of ours yet.</summary>
    public bool RemotePending => _theirs != null;

    public bool Idle => _ours == null && _theirs == null;

    /// <summary>An exchange was completed.</summary>
    public bool Established { get; private set; }

    /// <summary>Sends RTP where the last description that was read, and all later ones, want it.</summary>
    public void Relay(RtpEndpoint media)
    {
        Own(media);
        if (_target is { } target) media.SetTarget(target);
        _lines?.Resume();
    }

    /// <summary>What its own descriptions name, before there is anybody to send to.</summary>
    public void Own(RtpEndpoint media)
    {
        _media = media;
        if (_lines is not null) _lines.Media = media;
    }

    /// <summary>The state of an offer that several callees answer, for one of them.</summary>
    public OfferAnswer Fork() => new(agent, number, leg)
    {
        _ours = _ours,
        _version = _version,
        _lines = _lines?.Fork(),
    };

    public void AddOffer(SipMessage message, in TransportAddress media)
    {
        Check.That(Idle);
        _version++;
        _ours = string.Create(CultureInfo.InvariantCulture, $"{number}-{leg}-{_version}-{agent.Random.Next():x8}");
        string mark = SessionDescription.OfferMark(_ours);
        Add(message, _lines?.WriteOffer(media, number, _version, mark)
            ?? SessionDescription.Write(media, number, _version, mark));
    }

    /// <summary>The answer. In a response that is not reliable it is a preview and comes again.</summary>
    public void AddAnswer(SipMessage message, in TransportAddress media, bool preview = false)
    {
        if (_theirs == null)
        {
            agent.Violation("the script answers without an offer", message);
            return;
        }
        if (_answer == null)
        {
            _version++;
            string mark = SessionDescription.AnswerMark(_theirs);
            _answer = _lines?.WriteAnswer(media, number, _version, mark)
                ?? SessionDescription.Write(media, number, _version, mark);
        }
        Add(message, _answer);
        if (preview) return;
        _theirs = _answer = null;
        Established = true;
    }

    /// <summary>An offer of ours was refused, or its transaction is gone.</summary>
    public void Withdraw()
    {
        _ours = null;
        _lines?.Withdraw();
    }

    /// <summary>Whether the message is a readable offer; nothing of ours may be open.</summary>
    public bool ReadOffer(SipMessage message)
    {
        if (!TryRead(message, out SessionDescription session)) return false;
        if (session.Answer != null)
        {
            agent.Violation("SDP answer without an offer (RFC 3264)", message);
            return false;
        }
        string ours = string.Create(CultureInfo.InvariantCulture, $"{number}-");
        if (session.Offer?.StartsWith(ours, StringComparison.Ordinal) == false)
        {
            agent.Violation($"the offer of another call than {number}", message);
        }
        // Only agents name their offers.
        _theirs = session.Offer ?? "";
        CheckLines(message, lines => _lines!.ReadOffer(lines));
        Retarget(session.Target);
        return true;
    }

    /// <summary>The answer to our offer. A preview leaves it open.</summary>
    public void ReadAnswer(SipMessage message, bool preview = false)
    {
        if (IsRefused(message))
        {
            // Who answers for a call that is over has nothing to say; its BYE follows.
            _ours = null;
            return;
        }
        if (!TryRead(message, out SessionDescription session)) return;
        if (session.Offer != null) agent.Violation("a second offer while ours is open (RFC 3264 4)", message);
        else if (session.Answer != null && session.Answer != _ours)
        {
            agent.Violation($"the answer to another offer than {_ours}", message);
        }
        CheckLines(message, lines => _lines!.ReadAnswer(lines, preview));
        Retarget(session.Target);
        if (preview) return;
        _ours = null;
        Established = true;
    }

    // RFC 3264 6: port 0 in every m-line.
    private static bool IsRefused(SipMessage message) =>
message.Method == "ACK" && SessionLine.TryReadAll(TextOf(message), out List<SessionLine> lines)
            && lines.TrueForAll(line => line.IsRefused);

    private void Retarget(in TransportAddress target)
    {
        _target = target;
        _media?.SetTarget(target);
    }

    private void CheckLines(SipMessage message, Func<List<SessionLine>, string?> read)
    {
        if (_lines is null) return;
        string? problem = SessionLine.TryReadAll(TextOf(message), out List<SessionLine> lines)
            ? read(lines)
            : "lines cannot be read";
        if (problem != null) agent.Violation(problem, message);
    }

    private void Add(SipMessage message, string body)
    {
        bool isPart = _lines is not null && agent.Random.Chance(0.15);
        message.Add("Content-Type", isPart ? $"multipart/mixed;boundary={Boundary}" : "application/sdp");
        message.Body = isPart
            ? $"--{Boundary}\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
                + $"--{Boundary}\r\nContent-Type: application/sdp\r\n\r\n{body}\r\n--{Boundary}--\r\n"
            : body;
    }

    /// <summary>The description, as the body or as a part of it.</summary>
    private static string TextOf(SipMessage message)
    {
        string body = message.Body;
        if (message["Content-Type"]?.StartsWith("multipart/", StringComparison.Ordinal) != true) return body;
        int start = body.IndexOf("v=0", StringComparison.Ordinal);
        int end = start < 0 ? -1 : body.IndexOf($"\r\n--{Boundary}", start, StringComparison.Ordinal);
        return end < 0 ? "" : body[start..end];
    }

    private bool TryRead(SipMessage message, out SessionDescription session)
    {
        string text = TextOf(message);
        if (!SessionDescription.TryRead(text, out session))
        {
            agent.Violation("SDP cannot be read", message);
            return false;
        }
        if (_lines is null && message["Content-Type"] != "application/sdp")
            agent.Violation("SDP of another Content-Type", message);
        if (agent.ArrivesInOrder) CheckOrigin(message, session);
        return true;
    }

    // RFC 3264 8: the same sess-id, and a new description has the next version.
    private void CheckOrigin(SipMessage message, in SessionDescription session)
    {
        if (_remoteSession >= 0)
        {
            if (session.Session != _remoteSession) agent.Violation("sess-id of o= changed (RFC 3264 8)", message);
            string text = TextOf(message);
            bool same = text == _remoteBody;
            if (session.Version < _remoteVersion || (!same && session.Version == _remoteVersion))
            {
                agent.Violation("SDP changed without a higher sess-version (RFC 3264 8)", message);
            }
        }
        _remoteSession = session.Session;
        _remoteVersion = session.Version;
        _remoteBody = TextOf(message);
    }
}
