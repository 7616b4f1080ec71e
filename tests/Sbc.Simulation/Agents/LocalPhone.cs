using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// A device of a user: one or more lines, each an agent of its own that answers calls. It registers them with digest
/// credentials as its owner says, and not always well.
/// </summary>
public sealed class LocalPhone
{
    /// <summary>Says to the model whether the credentials are right, as the phone meant them.</summary>
    public const string IntentHeader = "X-Simulated-Password";

    private readonly Simulator _simulator;
    private readonly TransportAddress _registrar;
    private readonly Func<TransportAddress> _newAddress;
    private readonly Xoshiro _random;
    private readonly string? _privateHost;
    private readonly string _instance;
    private readonly bool _sha256;
    private readonly Line[] _lines;
    private string _callId;
    private uint _cseq;
    private int _boots;
    private string _nonce = "";
    private int _count;

    /// <param name="simulator">Whose network it is on.</param>
    /// <param name="user">Its user, and its password.</param>
    /// <param name="device">Its number among those of its user.</param>
    /// <param name="lines">More than one: flows of RFC 5626.</param>
    /// <param name="registrar">Where it registers.</param>
    /// <param name="newAddress">An address, and each time it moves another one.</param>
    /// <param name="privateHost">Behind NAT: what it believes its host is.</param>
    public LocalPhone(Simulator simulator, string user, int device, int lines, in TransportAddress registrar,
        Func<TransportAddress> newAddress, string? privateHost)
    {
        _simulator = simulator;
        _registrar = registrar;
        _newAddress = newAddress;
        _privateHost = privateHost;
        _random = simulator.Random.Fork();
        _sha256 = _random.Chance(0.5);
        User = user;
        Name = $"{user}d{device}";
        IsOutbound = lines > 1;
        _instance = _random.Chance(0.5) || IsOutbound ? $"<urn:uuid:{Name}>" : "";
        _callId = $"{Name}-0";
        _lines = new Line[lines];
        for (int i = 0; i < lines; i++) _lines[i] = NewLine(i, _newAddress());
    }

    public string User { get; }

    public string Name { get; }

    public bool IsOutbound { get; }

    public int Lines => _lines.Length;

    public bool IsOn { get; private set; } = true;

    /// <summary>Answers to REGISTER, by status.</summary>
    public Dictionary<int, int> Answers { get; } = [];

    /// <summary>All that it ever was, for whoever counts.</summary>
    public List<UserAgent> Agents { get; } = [];

    /// <summary>A Contact of a line, with its parameters.</summary>
    public string Contact(int line, int number = 0, string more = "")
    {
        string contact = $"<sip:{Name}l{line}n{number}@{_lines[line].Written}>";
        if (_instance.Length > 0) contact += $";+sip.instance=\"{_instance}\"";
        if (IsOutbound) contact += $";reg-id={line + 1}";
        return contact + more;
    }

    /// <summary>Sends a REGISTER from a line, and again as often as it is challenged.</summary>
    /// <param name="line">Which one.</param>
    /// <param name="contacts">Values of Contact; none: a question.</param>
    /// <param name="expires">Value of Expires; empty: none.</param>
    /// <param name="to">Whom it registers; empty: its own user.</param>
    /// <param name="isWrong">With a password that is not its own.</param>
    /// <param name="back">So many numbers before the last one: as if it was overtaken.</param>
    public void Register(
        int line, IReadOnlyList<string> contacts, string expires = "", string to = "", bool isWrong = false,
        uint back = 0)
    {
        if (IsOn) Send(new Attempt(line, contacts, expires, to.Length > 0 ? to : User, isWrong, back, 0));
    }

    /// <summary>All its lines, each in a REGISTER of its own.</summary>
    public void RegisterAll(string more = "")
    {
        for (int i = 0; i < _lines.Length; i++) Register(i, [Contact(i, 0, more)]);
    }

    /// <summary>The line has another address, and nobody is at the old one any more.</summary>
    public void Move(int line, KilledHost how)
    {
        _simulator.Network.Kill(_lines[line].Local, how);
        _lines[line] = NewLine(line, _newAddress());
    }

    /// <summary>It is switched off.</summary>
    public void Vanish(KilledHost how)
    {
        if (!IsOn) return;
        IsOn = false;
        foreach (Line line in _lines) _simulator.Network.Kill(line.Local, how);
    }

    /// <summary>It is switched on where it was, and begins anew.</summary>
    public void Boot()
    {
        if (IsOn) return;
        IsOn = true;
        _callId = $"{Name}-{++_boots}";
        _nonce = "";
        foreach (Line line in _lines) _simulator.Network.Revive(line.Local);
        RegisterAll();
    }

    private Line NewLine(int index, in TransportAddress address)
    {
        TransportAddress? inside = _privateHost is null ? null : Address.Of($"{_privateHost}:{5060 + index}");
        var line = new Line(_simulator, $"{Name}x{Agents.Count}", address, inside, Draw);
        Agents.Add(line);
        return line;
    }

    private AnswerScript Draw(Xoshiro random) => new()
    {
        Status = random.Chance(0.3) ? 486 : 200, FinalAfter = random.Between(0, 800), AbandonAfter = 120_000,
    };

    private readonly record struct Attempt(
        int Line, IReadOnlyList<string> Contacts, string Expires, string To, bool IsWrong, uint Back, int Tries);

    private void Send(Attempt attempt)
    {
        uint cseq = attempt.Back == 0 ? ++_cseq : Math.Max(1, _cseq - Math.Min(_cseq, attempt.Back));
        SipMessage register = SipMessage.Request("REGISTER", "sip:example.net")
            .Add("From", $"<sip:{User}@example.net>;tag={_callId}")
            .Add("To", $"<sip:{attempt.To}@example.net>")
            .Add("Call-ID", _callId)
            .Add("CSeq", string.Create(CultureInfo.InvariantCulture, $"{cseq} REGISTER"));
        if (attempt.Contacts.Count > 0) register.Add("Contact", string.Join(", ", attempt.Contacts));
        if (attempt.Expires.Length > 0) register.Add("Expires", attempt.Expires);
        if (IsOutbound) register.Add("Supported", "path, outbound");
        if (_nonce.Length > 0)
            register.Add("Authorization", Credentials(attempt.IsWrong)).Add(IntentHeader, attempt.IsWrong ? "wrong"
                : "right");
        _lines[attempt.Line].Send(register, _registrar, response => OnResponse(attempt, response));
    }

    private void OnResponse(Attempt attempt, SipMessage response)
    {
        if (response.Status < 200) return;
        Answers[response.Status] = Answers.GetValueOrDefault(response.Status) + 1;
        if (response.Status != 401) return;
        string challenge = response.All("WWW-Authenticate")[_sha256 ? 0 : 1];
        bool isFirst = _nonce.Length == 0;
        _nonce = Digest.Field(challenge, "nonce");
        _count = 0;
        if (!IsOn || attempt.Tries == 3 || (attempt.IsWrong && !isFirst)) return;
        Send(attempt with { Tries = attempt.Tries + 1 });
    }

    private string Credentials(bool isWrong)
    {
        string count = (++_count).ToString("x8", CultureInfo.InvariantCulture);
        string password = isWrong ? "guess" : User;
        string answer = Hash($"{Hash($"{User}:example.net:{password}")}:{_nonce}:{count}:c:auth:"
            + Hash("REGISTER:sip:example.net"));
        return $"Digest username=\"{User}\", realm=\"example.net\", nonce=\"{_nonce}\", uri=\"sip:example.net\", "
            + $"response=\"{answer}\", algorithm={(_sha256 ? "SHA-256" : "MD5")}, qop=auth, nc={count}, cnonce=\"c\"";
    }

    private string Hash(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(_sha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }

    /// <summary>One address of it.</summary>
    private sealed class Line(
        Simulator simulator, string name, in TransportAddress local, TransportAddress? inside,
        Func<Xoshiro, AnswerScript> script) : Callee(simulator, name, local, script, inside)
    {
        public void Send(SipMessage register, in TransportAddress to, Action<SipMessage> onResponse) =>
            SendRequest(register, to, onResponse, () => { });
    }
}
