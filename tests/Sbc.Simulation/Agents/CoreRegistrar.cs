using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// A registrar of the core: challenges each REGISTER, keeps what it takes in memory, counts, and asks for users by the
/// Contacts that it was given.
/// </summary>
public sealed class CoreRegistrar : IDatagramSink
{
    private readonly Simulator _simulator;
    private readonly VirtualSocket _socket;
    private readonly TransportAddress _box;
    private readonly Dictionary<string, Dictionary<string, Instant>> _users = [];
    private readonly HashSet<string> _nonces = [];
    private readonly Dictionary<string, Action<int>> _asked = [];
    private readonly Dictionary<long, long> _bySecond = [];
    private int _number;

    public CoreRegistrar(Simulator simulator, in TransportAddress local, in TransportAddress box)
    {
        _simulator = simulator;
        _box = box;
        _socket = simulator.Network.Bind(local, this);
    }

    public TransportAddress Local => _socket.Local;

    /// <summary>What it grants at most.</summary>
    public long ExpiresMax { get; init; } = 3600;

    /// <summary>Challenges with every REGISTER without credentials for a nonce of its own.</summary>
    public bool Challenges { get; set; } = true;

    public Func<string, string> PasswordOf { get; init; } = user => user;

    /// <summary>REGISTERs that came, repeated ones too.</summary>
    public long Registers { get; private set; }

    /// <summary>REGISTERs that were taken.</summary>
    public long Taken { get; private set; }

    /// <summary>The most in one second.</summary>
    public long MostInASecond => _bySecond.Count == 0 ? 0 : _bySecond.Values.Max();

    public int Users => _users.Count(user => Contacts(user.Key).Any());

    public void Kill() => _simulator.Network.Kill(Local, KilledHost.Silent);

    public void Revive() => _simulator.Network.Revive(Local);

    /// <summary>As a restart without a database.</summary>
    public void Forget()
    {
        _users.Clear();
        _nonces.Clear();
    }

    public IEnumerable<string> Contacts(string user) => _users.TryGetValue(user, out Dictionary<string, Instant>? all)
        ? all.Where(contact => contact.Value > _simulator.Now).Select(contact => contact.Key)
        : [];

    /// <summary>Sends a MESSAGE to a Contact that it has; the final status is told, 0 for none.</summary>
    public void Ask(string contact, string text, Action<int> onAnswer)
    {
        string branch = $"z9hG4bKask{++_number}";
        byte[] bytes = System.Text.Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"""
            MESSAGE {contact} SIP/2.0
            Via: SIP/2.0/UDP {Local};branch={branch}
            Max-Forwards: 70
            From: <sip:core@example.net>;tag={_number}
            To: <sip:somebody@example.net>
            Call-ID: ask{_number}@{Local}
            CSeq: 1 MESSAGE
            Content-Type: text/plain
            Content-Length: {text.Length}

            {text}
            """).ReplaceLineEndings("\r\n"));
        _asked[branch] = onAnswer;
        Repeat(branch, bytes, 500, _simulator.Now.AddMilliseconds(32_000));
    }

    private void Repeat(string branch, byte[] bytes, long wait, Instant end)
    {
        if (!_asked.TryGetValue(branch, out Action<int>? onAnswer)) return;
        if (_simulator.Now >= end)
        {
            _asked.Remove(branch);
            onAnswer(0);
            return;
        }
        _socket.Send(_box, bytes);
        _simulator.After(wait, () => Repeat(branch, bytes, Math.Min(4000, wait * 2), end));
    }

    void IDatagramSink.Unreachable(TransportAddress to, byte[] quoted)
    {
    }

    void IDatagramSink.Received(Datagram datagram)
    {
        if (!SipMessage.TryParse(datagram.Bytes, out SipMessage message, out string error))
        {
            _simulator.Report($"registrar got what is no SIP: {error}");
            return;
        }
        if (!message.IsRequest)
        {
            if (message.Status >= 200 && _asked.Remove(message.TopBranch, out Action<int>? told)) told(message.Status);
            return;
        }
        SipMessage response = message.Method == "REGISTER" ? OnRegister(message) : SipMessage.Response(200);
        foreach (string name in (string[])["Via", "From", "Call-ID", "CSeq"]) response.Copy(message, name);
        response.Add("To", $"{message.To};tag=registrar");
        _socket.Send(datagram.From, response.ToBytes());
    }

    private SipMessage OnRegister(SipMessage register)
    {
        Registers++;
        long second = _simulator.Now.Microseconds / 1_000_000;
        _bySecond[second] = _bySecond.GetValueOrDefault(second) + 1;
        string user = HeaderValue.Uri(register.To)["sip:".Length..].Split('@')[0];
        if (Challenges && !IsAuthorized(register, user))
        {
            string nonce = $"nonce{++_number}";
            _nonces.Add(nonce);
            return SipMessage.Response(401).Add(
                "WWW-Authenticate", $"Digest realm=\"example.net\", nonce=\"{nonce}\", algorithm=MD5");
        }
        Taken++;
        if (!_users.TryGetValue(user, out Dictionary<string, Instant>? contacts)) _users[user] = contacts = [];
        foreach (string value in register.All("Contact", split: true)) Take(contacts, value);
        SipMessage response = SipMessage.Response(200);
        foreach ((string contact, Instant until) in contacts.Where(contact => contact.Value > _simulator.Now))
            response.Add("Contact", $"<{contact}>;expires={(until - _simulator.Now) / 1_000_000}");
        return response;
    }

    private void Take(Dictionary<string, Instant> contacts, string value)
    {
        if (value == "*")
        {
            contacts.Clear();
            return;
        }
        long seconds = long.Parse(HeaderValue.Parameter(value, "expires")!, CultureInfo.InvariantCulture);
        string contact = HeaderValue.Uri(value);
        if (seconds == 0) contacts.Remove(contact);
        else contacts[contact] = _simulator.Now.AddMilliseconds(Math.Min(seconds, ExpiresMax) * 1000);
    }

    private bool IsAuthorized(SipMessage register, string user) =>
        register["Authorization"] is { } credentials && _nonces.Contains(Digest.Field(credentials, "nonce")) &&
        Digest.Field(credentials, "username") == user &&
        Digest.IsRight(credentials, PasswordOf(user), "REGISTER");
}
