using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// RFC 3264 within one dialog: at most one offer is open, every answer is the answer to it, and o= only goes forward.
/// </summary>
public sealed class OfferAnswer(UserAgent agent, long number, char leg)
{
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
        _media = media;
        if (_target is { } target) media.SetTarget(target);
    }

    /// <summary>The state of an offer that several callees answer, for one of them.</summary>
    public OfferAnswer Fork() => new(agent, number, leg) { _ours = _ours, _version = _version };

    public void AddOffer(SipMessage message, in TransportAddress media)
    {
        Check.That(Idle);
        _version++;
        _ours = string.Create(CultureInfo.InvariantCulture, $"{number}-{leg}-{_version}-{agent.Random.Next():x8}");
        Add(message, SessionDescription.Write(media, number, _version, SessionDescription.OfferMark(_ours)));
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
            _answer = SessionDescription.Write(media, number, _version, SessionDescription.AnswerMark(_theirs));
        }
        Add(message, _answer);
        if (preview) return;
        _theirs = _answer = null;
        Established = true;
    }

    /// <summary>An offer of ours was refused, or its transaction is gone.</summary>
    public void Withdraw() => _ours = null;

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
        Retarget(session.Target);
        if (preview) return;
        _ours = null;
        Established = true;
    }

    // RFC 3264 6: port 0 in every m-line.
    private static bool IsRefused(SipMessage message) =>
        message.Method == "ACK" && message.Body.Contains("\nm=audio 0 ", StringComparison.Ordinal);

    private void Retarget(in TransportAddress target)
    {
        _target = target;
        _media?.SetTarget(target);
    }

    private static void Add(SipMessage message, string body)
    {
        message.Add("Content-Type", "application/sdp");
        message.Body = body;
    }

    private bool TryRead(SipMessage message, out SessionDescription session)
    {
        if (!SessionDescription.TryRead(message.Body, out session))
        {
            agent.Violation("SDP cannot be read", message);
            return false;
        }
        if (message["Content-Type"] != "application/sdp") agent.Violation("SDP of another Content-Type", message);
        if (agent.ArrivesInOrder) CheckOrigin(message, session);
        return true;
    }

    // RFC 3264 8: the same sess-id, and a new description has the next version.
    private void CheckOrigin(SipMessage message, in SessionDescription session)
    {
        if (_remoteSession >= 0)
        {
            if (session.Session != _remoteSession) agent.Violation("sess-id of o= changed (RFC 3264 8)", message);
            bool same = message.Body == _remoteBody;
            if (session.Version < _remoteVersion || (!same && session.Version == _remoteVersion))
            {
                agent.Violation("SDP changed without a higher sess-version (RFC 3264 8)", message);
            }
        }
        _remoteSession = session.Session;
        _remoteVersion = session.Version;
        _remoteBody = message.Body;
    }
}
