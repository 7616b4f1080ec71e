using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A strict SIP user agent at one address: transactions, dialogs, and an eye for every broken rule.</summary>
public abstract class UserAgent : IDatagramSink
{
    /// <summary>The Allow of all agents.</summary>
    public const string Allow =
        "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, REFER, NOTIFY, SUBSCRIBE, MESSAGE, PUBLISH";

    private const int ViolationsMax = 20;

    private readonly Dictionary<string, ClientTransaction> _clients = [];
    private readonly Dictionary<string, ServerTransaction> _servers = [];
    private readonly Dictionary<string, DialogUser> _calls = [];
    private readonly Dictionary<string, Subscriber> _subscribers = [];
    private readonly List<string> _violations = [];
    private readonly List<string> _shortfalls = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<TransportAddress> _contacted = [];
    private readonly VirtualSocket _socket;
    private TransportAddress _source;
    private long _tokens;
    private int _mediaPort = 20_000;

    /// <param name="simulator">Whose network it is on.</param>
    /// <param name="name">A token that its branches, tags and URIs carry.</param>
    /// <param name="local">Where its datagrams come from: behind NAT, the NAT's public side.</param>
    /// <param name="privateAddress">Behind NAT: what it believes its address is, in Via, Contact and SDP.</param>
    protected UserAgent(Simulator simulator, string name, in TransportAddress local, TransportAddress? privateAddress)
    {
        Simulator = simulator;
        Name = name;
        Random = simulator.Random.Fork();
        _socket = simulator.Network.Bind(local, this);
        Written = privateAddress ?? _socket.Local;
        BehindNat = privateAddress != null;
    }

    public Simulator Simulator { get; }

    public string Name { get; }

    public TransportAddress Local => _socket.Local;

    /// <summary>The address it writes into its messages.</summary>
    public TransportAddress Written { get; }

    /// <summary>Its sessions have lines of all kinds (<see cref="SessionLines"/>), not one of speech.</summary>
    public bool HasManyLines { get; set; }

    /// <summary>A NAT lets in only what comes from an address and port that was sent to.</summary>
    public bool BehindNat { get; }

    public AgentCounters Counters { get; } = new();

    /// <summary>Rules that received messages broke, each with the message. A test asserts that it is empty.</summary>
    public IReadOnlyList<string> Violations => _violations;

    public long ViolationCount { get; private set; }

    /// <summary>RTP of all calls that are over.</summary>
    public RtpCounters Media { get; } = new();

    /// <summary>Calls in which something planned did not happen; where datagrams get lost that is no fault.</summary>
    public IReadOnlyList<string> Shortfalls => _shortfalls;

    /// <summary>What is received now came over a network that loses nothing and keeps the order.</summary>
    public bool ArrivesInOrder => Simulator.Network.IsInOrder(_source, Local);

    /// <summary>Transactions and dialogs that live.</summary>
    public int Alive => _clients.Count + _servers.Count + _calls.Count + _subscribers.Count;

    public int CallsAlive => _calls.Count;

    internal Xoshiro Random { get; }

    /// <summary>Wants credentials of the box with each request; null: of nobody.</summary>
    public TrunkGate? Gate { get; set; }

    /// <summary>The URI of its Contact.</summary>
    public virtual string ContactUri => $"sip:{Name}@{Written}";

    public void Violation(string what, SipMessage? message = null)
    {
        ViolationCount++;
        if (_violations.Count < ViolationsMax) _violations.Add($"{Simulator.Clock.Text} {Name}: {what}\n{message}");
    }

    internal void Shortfall(string what)
    {
        Counters.Shortfalls++;
        if (_shortfalls.Count < ViolationsMax) _shortfalls.Add($"{Simulator.Clock.Text} {Name}: {what}");
    }

    void IDatagramSink.Received(Datagram datagram)
    {
        _source = datagram.From;
        if (BehindNat && !_contacted.Contains(datagram.From))
        {
            Violation($"the NAT drops what comes from {datagram.From}:\n{datagram.Text}");
            return;
        }
        if (!SipMessage.TryParse(datagram.Bytes, out SipMessage message, out string error))
        {
            Violation($"not SIP ({error}):\n{datagram}");
            return;
        }
        CheckRules(message);
        if (message.IsRequest) ReceiveRequest(message, datagram);
        else ReceiveResponse(message);
    }

    void IDatagramSink.Unreachable(TransportAddress to, byte[] quoted) => Counters.IcmpErrors++;

    internal void Send(in TransportAddress to, byte[] bytes)
    {
        if (BehindNat) _contacted.Add(to);
        _socket.Send(to, bytes);
    }

    internal string NewToken(string prefix) => $"{prefix}{Name}-{++_tokens}-{Random.Next():x8}";

    /// <summary>Adds Via and Max-Forwards and sends in a transaction of its own.</summary>
    internal ClientTransaction SendRequest(
        SipMessage request, in TransportAddress to, Action<SipMessage> onResponse, Action onTimeout)
    {
        AddVias(request, NewToken("z9hG4bK"));
        request.Add("Max-Forwards", "70");
        return StartTransaction(request, to, onResponse, onTimeout);
    }

    /// <summary>RFC 3261 9.1: CANCEL has the Via of what it cancels, and goes the same way.</summary>
    internal void SendCancel(ClientTransaction invite)
    {
        SipMessage request = invite.Request;
        SipMessage cancel = SipMessage.Request("CANCEL", request.RequestUri).Add("Via", request["Via"]!);
        cancel.Copy(request, "Route");
        cancel.Add("Max-Forwards", "70").Add("From", request.From).Add("To", request.To);
        cancel.Add("Call-ID", request.CallId).Add("CSeq", $"{request.CSeqNumber} CANCEL");
        StartTransaction(cancel, invite.Destination, _ => { }, () => { });
    }

    /// <summary>An ACK for a 2xx: a branch of its own and no transaction.</summary>
    internal byte[] SendAck(SipMessage ack, in TransportAddress to)
    {
        AddVias(ack, NewToken("z9hG4bK"));
        ack.Add("Max-Forwards", "70");
        byte[] bytes = ack.ToBytes();
        Send(to, bytes);
        return bytes;
    }

    protected virtual void AddVias(SipMessage request, string branch) =>
        request.Prepend("Via", $"SIP/2.0/UDP {Written};rport;branch={branch}");

    /// <summary>The Contact URI of one of the phones behind it; 0 is the one there is without forks.</summary>
    internal virtual string ContactOf(int index) => index == 0 ? ContactUri : $"sip:{Name}-{index}@{Written}";

    /// <summary>What a proxy in front adds to a response that makes a dialog (RFC 3261 12.1.1).</summary>
    internal virtual void AddRecordRoute(SipMessage response, SipMessage invite) =>
        response.Copy(invite, "Record-Route");

    /// <summary>Calls whom a REFER names; false: the call makes one up.</summary>
    internal virtual bool TryRefer(string uri, Action<int> ended) => false;

    internal DialogUser? Find(string callId, string localTag, string remoteTag) =>
        _calls.GetValueOrDefault(Dialog.KeyOf(callId, localTag, remoteTag));

    /// <summary>What a proxy in front of us adds to a request that makes a dialog.</summary>
    internal virtual void AddOwnRecordRoute(SipMessage request)
    {
    }

    internal void Forget(ClientTransaction transaction) => _clients.Remove(transaction.Key);

    internal void Forget(ServerTransaction transaction) => _servers.Remove(transaction.Key);

    internal void Add(Dialog dialog, DialogUser call) => _calls[dialog.Key] = call;

    internal void Remove(Dialog dialog) => _calls.Remove(dialog.Key);

    /// <summary>NOTIFYs of this Call-ID and tag make dialogs (RFC 6665 4.1.2.4).</summary>
    internal void Add(Subscriber subscriber) => _subscribers[subscriber.Key] = subscriber;

    internal void Remove(Subscriber subscriber) => _subscribers.Remove(subscriber.Key);

    /// <summary>RFC 3581 4: a server writes what it saw into the Via that asked for it with rport.</summary>
    internal void CheckReceived(string via, SipMessage response)
    {
        if (HeaderValue.Parameter(via, "rport") != Local.Port.ToString(CultureInfo.InvariantCulture)
            || HeaderValue.Parameter(via, "received") != Address.Host(Local))
        {
            Violation("received or rport of our Via is not our source (RFC 3581 4)", response);
        }
    }

    /// <summary>An even port of ours for RTP.</summary>
    internal int NextMediaPort()
    {
        int port = _mediaPort;
        _mediaPort = port >= 59_998 ? 20_000 : port + 2;
        return port;
    }

    /// <summary>Whether a request may pass; false: it was answered.</summary>
    private bool Admits(ServerTransaction transaction)
    {
        // A probe is answered as it is: its sender's name is in no credentials.
        bool isProbe = CallNumber.Of(transaction.Request) == 0 && transaction.Request.ToTag.Length == 0;
        if (Gate is null || isProbe) return true;
        if (Gate.Challenge(transaction.Request, out string problem) is not { } challenges) return true;
        if (problem.Length > 0) Violation(problem, transaction.Request);
        SipMessage response = transaction.NewResponse(401, NewToken("t"));
        foreach (string challenge in challenges) response.Add("WWW-Authenticate", challenge);
        transaction.Respond(response);
        return false;
    }

    protected abstract void OnInvite(ServerTransaction transaction);

    /// <summary>Answers a request that can stand outside a dialog.</summary>
    protected virtual void OnOther(ServerTransaction transaction)
    {
        bool options = transaction.Request.Method == "OPTIONS";
        if (options) Counters.OptionsAnswered++;
        SipMessage response = transaction.NewResponse(options ? 200 : 405, NewToken("t"));
        transaction.Respond(response.Add("Allow", Allow));
    }

    /// <summary>The Route values that a request to us has: none, as routers before us took theirs away.</summary>
    protected virtual string ExpectedRoute(bool inDialog) => "";

    private void CheckRoute(SipMessage request, bool inDialog)
    {
        string route = string.Join(", ", request.All("Route", split: true));
        string expected = ExpectedRoute(inDialog);
        if (route != expected) Violation($"Route is '{route}', should be '{expected}' (RFC 3261 12.2.1.1)", request);
    }

    private ClientTransaction StartTransaction(
        SipMessage request, in TransportAddress to, Action<SipMessage> onResponse, Action onTimeout)
    {
        var transaction = new ClientTransaction(this, request, to, onResponse, onTimeout);
        _clients.Add(transaction.Key, transaction);
        transaction.Start();
        return transaction;
    }

    private void CheckRules(SipMessage message)
    {
        MessageRules.Check(message, _problems);
        foreach (string problem in _problems) Violation(problem, message);
        _problems.Clear();
    }

    private void ReceiveResponse(SipMessage response)
    {
        string branch = response.TopBranch;
        if (_clients.TryGetValue(ClientTransaction.KeyOf(branch, response.CSeqMethod), out ClientTransaction? client))
        {
            client.Receive(response);
            return;
        }
        // Late copies of responses to transactions that ended are normal where datagrams are duplicated and delayed.
        if (ArrivesInOrder) Violation("a response to nothing that waits for one", response);
        if (!branch.StartsWith($"z9hG4bK{Name}-", StringComparison.Ordinal)) Violation("top Via is not ours", response);
    }

    private void ReceiveRequest(SipMessage request, Datagram datagram)
    {
        string key = ServerTransaction.KeyOf(request);
        if (_servers.TryGetValue(key, out ServerTransaction? known))
        {
            known.Receive(request, datagram);
            return;
        }
        if (request.Method == "ACK")
        {
            ReceiveAck(request);
            return;
        }
        CheckRoute(request, request.ToTag.Length > 0);
        var transaction = new ServerTransaction(this, request, datagram);
        _servers.Add(key, transaction);
        if (request.Method == "CANCEL") ReceiveCancel(transaction);
        else if (!Admits(transaction)) return;
        else if (request.ToTag.Length > 0) ReceiveInDialog(transaction);
        else if (request.Method == "INVITE") OnInvite(transaction);
        else OnOther(transaction);
    }

    private void ReceiveAck(SipMessage ack)
    {
        // Without a call it is a copy of an ACK that had its effect.
        if (!_calls.TryGetValue(Dialog.KeyOf(ack.CallId, ack.ToTag, ack.FromTag), out DialogUser? call)) return;
        CheckRoute(ack, true);
        call.ReceiveAck(ack);
    }

    private void ReceiveCancel(ServerTransaction transaction)
    {
        SipMessage cancel = transaction.Request;
        string key = string.Concat(cancel.TopBranch, "|", HeaderValue.SentBy(cancel["Via"] ?? ""), "|INVITE");
        if (!_servers.TryGetValue(key, out ServerTransaction? invite))
        {
            transaction.Respond(transaction.NewResponse(481, NewToken("t")));
            return;
        }
        // RFC 3261 9.1: these are the same as in the request it cancels.
        SipMessage request = invite.Request;
        if (cancel.RequestUri != request.RequestUri || cancel.CallId != request.CallId || cancel.To != request.To
            || cancel.From != request.From || cancel.CSeqNumber != request.CSeqNumber)
        {
            Violation("CANCEL is not like its INVITE (RFC 3261 9.1)", cancel);
        }
        transaction.Respond(transaction.NewResponse(200, NewToken("t")));
        invite.OnCancelled?.Invoke();
    }

    private void ReceiveInDialog(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        string key = Dialog.KeyOf(request.CallId, request.ToTag, request.FromTag);
        if (_calls.TryGetValue(key, out DialogUser? call))
        {
            call.Receive(transaction);
            return;
        }
        if (request.Method == "NOTIFY"
            && _subscribers.TryGetValue(Subscriber.KeyOf(request.CallId, request.ToTag), out Subscriber? subscriber))
        {
            subscriber.ReceiveFirst(transaction);
            return;
        }
        Counters.UnknownDialog++;
        // Where both hang up at once each BYE still finds its dialog, which ends with the answer.
        bool alone = request.Method == "BYE" && Simulator.Network.LosesNothing;
        if (alone) Violation("BYE for a dialog that is over, or never was", request);
        transaction.Respond(transaction.NewResponse(481, NewToken("t")));
    }
}
