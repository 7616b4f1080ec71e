using System.Globalization;
using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// A phone that keeps itself registered, and little else: small enough for a hundred thousand of them. It answers what
/// it is asked with its own name.
/// </summary>
public sealed class RegisteringPhone : IDatagramSink
{
    private readonly Simulator _simulator;
    private readonly TransportAddress _box;
    private readonly string _contact;
    private readonly Xoshiro _random;
    private VirtualSocket _socket;
    private string _callId = "";
    private string? _challenge;
    private uint _cseq;
    private int _boots;
    private string _branch = "";
    private VirtualTimer? _timer;

    /// <param name="simulator">Whose network it is on.</param>
    /// <param name="user">Its user, and its password.</param>
    /// <param name="local">Where its datagrams come from.</param>
    /// <param name="box">The registrar, as it thinks.</param>
    /// <param name="contact">What it writes into its Contact; another address where it is behind NAT.</param>
    /// <param name="random">Its own.</param>
    public RegisteringPhone(
        Simulator simulator, string user, in TransportAddress local, in TransportAddress box, string contact,
        Xoshiro random)
    {
        _simulator = simulator;
        _box = box;
        _contact = contact;
        _random = random;
        User = user;
        _socket = simulator.Network.Bind(local, this);
    }

    public string User { get; }

    /// <summary>REGISTERs sent, repeated ones not counted.</summary>
    public long Registers { get; private set; }

    /// <summary>Until when it thinks it is registered.</summary>
    public Instant RegisteredUntil { get; private set; }

    /// <summary>When it first got a 200 since it booted; never before.</summary>
    public Instant RegisteredAt { get; private set; } = Instant.Never;

    /// <summary>Texts that it was sent.</summary>
    public HashSet<string> Received { get; } = [];

    public int Refusals { get; private set; }

    public bool IsOn { get; private set; }

    public bool IsRegistered => IsOn && RegisteredUntil > _simulator.Now;

    /// <summary>Switches it on: it registers anew, under another Call-ID.</summary>
    public void Boot()
    {
        IsOn = true;
        _callId = string.Create(CultureInfo.InvariantCulture, $"{User}-{++_boots}");
        _challenge = null;
        RegisteredAt = Instant.Never;
        RegisteredUntil = default;
        Register(null);
    }

    /// <summary>Nothing more is heard of it.</summary>
    public void Vanish()
    {
        IsOn = false;
        _timer?.Cancel();
        RegisteredUntil = default;
    }

    /// <summary>Its NAT gives it another port, or it another address.</summary>
    public void Move(in TransportAddress local)
    {
        _socket.Close();
        _socket = _simulator.Network.Bind(local, this);
    }

    public void Unregister()
    {
        if (IsOn) Register(0);
    }

    private void Register(int? expires)
    {
        Registers++;
        _branch = string.Create(CultureInfo.InvariantCulture, $"z9hG4bK{User}x{_boots}x{++_cseq}");
        SipMessage register = SipMessage.Request("REGISTER", "sip:example.net")
            .Add("Via", $"SIP/2.0/UDP {_contact};rport;branch={_branch}")
            .Add("Max-Forwards", "70")
            .Add("From", $"<sip:{User}@example.net>;tag={_callId}")
            .Add("To", $"<sip:{User}@example.net>")
            .Add("Call-ID", _callId)
            .Add("CSeq", string.Create(CultureInfo.InvariantCulture, $"{_cseq} REGISTER"))
            .Add("Contact", $"<sip:{User}@{_contact}>");
        if (expires is { } seconds) register.Add("Expires", seconds.ToString(CultureInfo.InvariantCulture));
        if (_challenge is { } challenge && SipMessage.TryParse(Encoding.Latin1.GetBytes(challenge), out SipMessage asks,
            out _) && Digest.Answer(asks, User, User, register) is { } credentials)
            register.Headers.Add(credentials);
        Repeat(_branch, register.ToBytes(), 500, _simulator.Now.AddMilliseconds(32_000));
    }

    private void Repeat(string branch, byte[] bytes, long wait, Instant end)
    {
        if (branch != _branch || !IsOn) return;
        if (_simulator.Now >= end)
        {
            Again(30_000 + (long)_random.Below(30_000));
            return;
        }
        _socket.Send(_box, bytes);
        _timer = _simulator.After(wait, () => Repeat(branch, bytes, Math.Min(4000, wait * 2), end));
    }

    private void Again(long milliseconds)
    {
        _branch = "";
        _timer?.Cancel();
        _timer = _simulator.After(milliseconds, () => Register(null));
    }

    void IDatagramSink.Unreachable(TransportAddress to, byte[] quoted)
    {
    }

    void IDatagramSink.Received(Datagram datagram)
    {
        if (!IsOn) return;
        if (!SipMessage.TryParse(datagram.Bytes, out SipMessage message, out string error))
        {
            _simulator.Report($"{User} got what is no SIP: {error}");
            return;
        }
        if (message.IsRequest) Answer(datagram, message);
        else if (message.Status >= 200 && message.TopBranch == _branch) OnFinal(message);
    }

    private void Answer(Datagram datagram, SipMessage request)
    {
        Received.Add(request.Body);
        SipMessage response = SipMessage.Response(200);
        foreach (string name in (string[])["Via", "From", "Call-ID", "CSeq"]) response.Copy(request, name);
        response.Add("To", $"{request.To};tag={User}");
        _socket.Send(datagram.From, response.ToBytes());
    }

    private void OnFinal(SipMessage response)
    {
        _branch = "";
        _timer?.Cancel();
        switch (response.Status)
        {
            case 200:
                OnRegistered(response);
                break;
            case 401:
                bool isFirst = _challenge == null;
                _challenge = response.ToString();
                // A nonce of a registrar that was away is asked for anew.
                if (isFirst || Refusals++ < 1000) Register(null);
                break;
            default:
                Refusals++;
                string wait = response["Retry-After"] ?? "30";
                Again((long.Parse(wait, CultureInfo.InvariantCulture) * 1000) + (long)_random.Below(1000));
                break;
        }
    }

    private void OnRegistered(SipMessage response)
    {
        string own = $"sip:{User}@{_contact}";
        string? contact = response.All("Contact", split: true).Find(value => HeaderValue.Uri(value) == own);
        if (contact == null)
        {
            IsOn = false;
            RegisteredUntil = default;
            return;
        }
        long seconds = long.Parse(HeaderValue.Parameter(contact, "expires")!, CultureInfo.InvariantCulture);
        if (RegisteredAt == Instant.Never) RegisteredAt = _simulator.Now;
        RegisteredUntil = _simulator.Now.AddMilliseconds(seconds * 1000);
        // Early enough for a few repetitions that are lost.
        Again((seconds * 900) - (long)_random.Below(seconds * 100) - 2000);
    }
}
