using System.Globalization;
using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Sbc.Simulation;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>
/// What a location service is, in the obvious way (RFC 3261 10.3, RFC 5626 6 and 7): a dictionary that sees what passes
/// on the wire. What the box answers to each REGISTER, and where it sends each call, must be what the model says.
/// </summary>
internal sealed class LocationModel
{
    private const int ContactsMax = 10;
    private const int FaultsMax = 20;

    private readonly SimulatedBox _box;
    private readonly Simulator _simulator;
    private readonly TransportAddress _edge;
    private readonly HashSet<string> _known;
    private readonly Dictionary<string, List<Entry>> _users = [];
    private readonly Dictionary<string, Asked> _asked = [];
    private readonly Dictionary<string, CallMade> _calls = [];
    private readonly Dictionary<string, CallMade> _byCallId = [];
    private readonly FoundBindings _found = new();

    /// <param name="box">Whose marks of failed flows are believed, and whose table is compared.</param>
    /// <param name="simulator">Whose wire it watches.</param>
    /// <param name="edge">The box's address there.</param>
    /// <param name="users">Who exists.</param>
    public LocationModel(SimulatedBox box, Simulator simulator, in TransportAddress edge, IEnumerable<string> users)
    {
        _box = box;
        _simulator = simulator;
        _edge = edge;
        _known = [.. users];
        simulator.Network.Sent += Observe;
    }

    public sealed record Entry(
        string Uri, TransportAddress Remote, string CallId, uint CSeq, long ExpiresAt, int Quality, string Instance,
        int RegId, long UpdatedAt);

    private sealed class Asked(SipMessage request, TransportAddress source)
    {
        public SipMessage Request => request;

        public TransportAddress Source => source;

        public byte[]? Answer { get; set; }
    }

    private sealed class CallMade(string user)
    {
        public string User => user;

        /// <summary>Where it may go, as it was when it was first sent.</summary>
        public List<Entry>? Allowed { get; set; }

        public HashSet<string> First { get; } = [];

        public bool IsRefused { get; set; }
    }

    public List<string> Faults { get; } = [];

    public long Registered { get; private set; }

    public long Refused { get; private set; }

    public long CallsSent { get; private set; }

    public long CallsToNobody { get; private set; }

    private long Now => _simulator.Now.Microseconds;

    /// <summary>The bindings of a user that have not expired.</summary>
    public List<Entry> Bindings(string user)
    {
        if (!_users.TryGetValue(user, out List<Entry>? entries)) return [];
        entries.RemoveAll(entry => entry.ExpiresAt <= Now);
        return entries;
    }

    /// <summary>The box's table is the model's.</summary>
    public void CompareTable()
    {
        foreach (string user in _known) Compare(user);
    }

    private void Fault(string what)
    {
        if (Faults.Count < FaultsMax) Faults.Add($"{_simulator.Clock.Text} {what}");
    }

    private void Observe(Datagram datagram)
    {
        if (datagram.To != _edge && datagram.From != _edge) return;
        if (!SipMessage.TryParse(datagram.Bytes, out SipMessage message, out _)) return;
        string key = $"{message.TopBranch} {message.CSeqMethod}";
        if (datagram.To == _edge)
        {
            if (!message.IsRequest || message.ToTag.Length > 0) return;
            if (message.Method == "REGISTER") _asked.TryAdd(key, new Asked(message, datagram.From));
            else if (message.Method is "INVITE" or "MESSAGE" &&
                _calls.TryAdd(NumberOf(message), new CallMade(UserOf(message.RequestUri))))
                _byCallId[message.CallId] = _calls[NumberOf(message)];
            return;
        }
        if (message.Status >= 300 && _byCallId.TryGetValue(message.CallId, out CallMade? refused)) OnRefused(refused,
            message);
        if (!message.IsRequest && message.CSeqMethod == "REGISTER") OnAnswer(_asked[key], message, datagram.Bytes);
        else if (message is { IsRequest: true, Method: "INVITE" or "MESSAGE", ToTag.Length: 0 })
            OnSent(_calls[NumberOf(message)], message, datagram.To);
    }

    private static string NumberOf(SipMessage request) => request["X-Simulated-Call"] ?? "";

    private static string UserOf(string uri) => uri.Split(':')[1].Split('@')[0];

    // REGISTER.

    private void OnAnswer(Asked asked, SipMessage answer, byte[] bytes)
    {
        if (asked.Answer is { } before)
        {
            if (!before.AsSpan().SequenceEqual(bytes))
                Fault($"a repeated REGISTER got another answer:\n{answer}");
            return;
        }
        // A challenge is made without state: who comes again is looked at again.
        if (answer.Status != 401) asked.Answer = bytes;
        string user = UserOf(HeaderValue.Uri(asked.Request.To));
        int expected = Apply(asked, user, answer);
        if (expected != answer.Status) Fault($"{answer.Status} and not {expected} to\n{asked.Request}\n{answer}");
        if (answer.Status == 401) return;
        // When the worker has answered what else it took at once.
        _simulator.AfterMicroseconds(0, () => Compare(user));
        if (answer.Status != 200)
        {
            Refused++;
            return;
        }
        Registered++;
        string[] said = [.. answer.All("Contact", split: true).Select(Said).Order()];
        string[] meant = [.. Bindings(user).Select(entry =>
            Text(entry.Uri, (entry.ExpiresAt - Now + 999_999) / 1_000_000, entry.Quality, entry.RegId)).Order()];
        if (!said.SequenceEqual(meant))
            Fault($"{user} is told\n{string.Join('\n', said)}\nand has\n{string.Join('\n', meant)}\n{asked.Request}");
    }

    private static string Said(string contact) => Text(
        HeaderValue.Uri(contact), long.Parse(HeaderValue.Parameter(contact, "expires")!, CultureInfo.InvariantCulture),
        QualityOf(contact), int.Parse(HeaderValue.Parameter(contact, "reg-id") ?? "0", CultureInfo.InvariantCulture));

    private static string Text(string uri, long expires, int quality, int regId) =>
        $"{uri} expires={expires} q={quality} reg-id={regId}";

    private static int QualityOf(string contact) => (int)Math.Round(1000 * double.Parse(
        HeaderValue.Parameter(contact, "q") ?? "1", CultureInfo.InvariantCulture));

    /// <summary>Does what the request asks for, and says what it is to be answered.</summary>
    private int Apply(Asked asked, string user, SipMessage answer)
    {
        SipMessage request = asked.Request;
        string? credentials = request["Authorization"];
        if (credentials is null || request[LocalPhone.IntentHeader] == "wrong") return 401;
        if (answer.Status == 401)
        {
            // The count was used, the nonce is old, or too many there have guessed.
            bool isStale = answer["WWW-Authenticate"]!.Contains("stale=true");
            return isStale || !_box.Workers.FailedLogins.Admits(asked.Source, _simulator.Now) ? 401 : 200;
        }
        if (!credentials.Contains($"username=\"{user}\"")) return 403;
        List<Entry> entries = [.. Bindings(user)];
        int status = request["Contact"] == "*" ? RemoveAll(request, entries) : Change(asked, entries);
        if (status == 200) _users[user] = entries;
        return status;
    }

    private static int RemoveAll(SipMessage request, List<Entry> entries)
    {
        if (request["Expires"] != "0") return 400;
        if (entries.Exists(entry => entry.CallId == request.CallId && entry.CSeq >= request.CSeqNumber)) return 500;
        entries.Clear();
        return 200;
    }

    private int Change(Asked asked, List<Entry> entries)
    {
        SipMessage request = asked.Request;
        var changes = new List<(Entry? Old, Entry New, bool Removes)>();
        foreach (string contact in request.All("Contact", split: true))
        {
            string uri = HeaderValue.Uri(contact);
            string text = HeaderValue.Parameter(contact, "expires") ?? request["Expires"] ?? "3600";
            long expires = long.Parse(text, CultureInfo.InvariantCulture);
            if (expires is > 0 and < 60) return 423;
            bool isNat = HeaderValue.SentBy(request["Via"]!) != $"{asked.Source}" ||
                uri.Split('@')[1].Split(':')[0] != Address.Host(asked.Source);
            if (QualityOf(contact) > 1000) return 400;
            var entry = new Entry(
                uri, asked.Source, request.CallId, request.CSeqNumber,
                Now + (Math.Min(expires, isNat ? 90 : 3600) * 1_000_000), QualityOf(contact),
                (HeaderValue.Parameter(contact, "+sip.instance") ?? "").Trim('"'),
                int.Parse(HeaderValue.Parameter(contact, "reg-id") ?? "0", CultureInfo.InvariantCulture), Now);
            Entry? old = Find(entries, entry, request, changes);
            if (changes.Exists(change => old is not null ? change.Old == old
                : change is { Old: null, Removes: false } && (change.New.Uri == uri || IsSameFlow(change.New, entry))))
                return 400;
            if (old is not null && old.CallId == request.CallId && old.CSeq >= request.CSeqNumber) return 500;
            changes.Add((old, entry, expires == 0));
        }
        int count = entries.Count + changes.Count(change => change is { Old: null, Removes: false }) -
            changes.Count(change => change is { Old: not null, Removes: true });
        if (count > ContactsMax) return 403;
        foreach ((Entry? old, Entry entry, bool removes) in changes)
        {
            // A refreshed one keeps its place.
            int at = old is null ? -1 : entries.IndexOf(old);
            if (removes && at >= 0) entries.RemoveAt(at);
            else if (!removes && at >= 0) entries[at] = entry;
            else if (!removes) entries.Add(entry);
        }
        return 200;
    }

    private static bool IsSameFlow(Entry left, Entry right) =>
        left.RegId != 0 && left.RegId == right.RegId && left.Instance == right.Instance;

    /// <summary>The binding that a Contact is about; a device that moved says so by its instance or Call-ID.</summary>
    private static Entry? Find(
        List<Entry> entries, Entry entry, SipMessage request, List<(Entry? Old, Entry New, bool Removes)> changes)
    {
        Entry? same = entries.Find(old => entry.RegId == 0 ? old.Uri == entry.Uri
            : IsSameFlow(old, entry));
        if (same is not null || entry.RegId != 0) return same;
        string[] named = [.. request.All("Contact", split: true).Select(HeaderValue.Uri)];
        return entries.Find(old => old.RegId == 0 && old.Remote != entry.Remote && !named.Contains(old.Uri) &&
            !changes.Exists(change => change.Old == old) &&
            (old.Instance.Length > 0 && entry.Instance.Length > 0 ? old.Instance == entry.Instance
                : old.CallId == entry.CallId));
    }

    private void Compare(string user)
    {
        string[] meant = [.. Bindings(user).Select(entry => $"{entry.Uri} {entry.Remote} {entry.CSeq}").Order()];
        ReadTable(user);
        string[] is_ = [.. Enumerable.Range(0, _found.Count).Select(i =>
            $"{System.Text.Encoding.ASCII.GetString(_found.Text(i).Contact)} {_found[i].Remote} {_found[i].CSeq}")
            .Order()];
        if (!meant.SequenceEqual(is_))
            Fault($"the table has of {user}\n{string.Join('\n', is_)}\nand not\n{string.Join('\n', meant)}");
    }

    private void ReadTable(string user)
    {
        if (!_box.Workers.Locations.TryRead(
            System.Text.Encoding.ASCII.GetBytes($"{user}@example.net"), _simulator.Now, _found))
            Fault("the table could not be read");
    }

    // Calls.

    private void OnSent(CallMade call, SipMessage request, TransportAddress to)
    {
        if (call.Allowed is null)
        {
            CallsSent++;
            call.Allowed = [.. Bindings(call.User)];
            HashSet<string> expected = [.. Targets(call.User).Select(entry => $"{entry.Uri} {entry.Remote}")];
            // A mark that a REGISTER of this same turn took away is not seen any more.
            bool isSure = Enumerable.Range(0, _found.Count).All(i => _found[i].UpdatedAt < _simulator.Now);
            // All that leave at this instant are the first ones.
            _simulator.AfterMicroseconds(1, () =>
            {
                if (isSure && !call.First.SetEquals(expected))
                {
                    Fault($"a call of {call.User} went to\n{string.Join('\n', call.First)}\nand not to\n"
                        + string.Join('\n', expected));
                }
            });
            _firstAt[call] = Now;
        }
        if (_firstAt[call] == Now) call.First.Add($"{request.RequestUri} {to}");
        if (!call.Allowed.Exists(entry => entry.Uri == request.RequestUri && entry.Remote == to))
            Fault($"a call of {call.User} went to {request.RequestUri} at {to}, where he was not");
    }

    private readonly Dictionary<CallMade, long> _firstAt = [];

    /// <summary>A call that was refused and went nowhere: there was nowhere to go.</summary>
    private void OnRefused(CallMade call, SipMessage refusal)
    {
        if (call.Allowed is not null || call.IsRefused) return;
        call.IsRefused = true;
        CallsToNobody++;
        int expected = _known.Contains(call.User) ? 480 : 404;
        bool isSure = Targets(call.User).Count == 0 ||
            Enumerable.Range(0, _found.Count).Any(i => _found[i].UpdatedAt == _simulator.Now);
        if (!isSure || refusal.Status != expected)
            Fault($"a call of {call.User} that went nowhere got {refusal.Status}");
    }

    /// <summary>To whom a call goes first: the best q, and one flow of each device, the one that was heard of last.
    /// </summary>
    private List<Entry> Targets(string user)
    {
        ReadTable(user);
        var failed = new HashSet<string>();
        var gone = new HashSet<string>();
        for (int i = 0; i < _found.Count; i++)
        {
            string name = $"{System.Text.Encoding.ASCII.GetString(_found.Text(i).Contact)} {_found[i].Remote}";
            if (_found[i].HasFailed) failed.Add(name);
            if (_found[i].IsGone) gone.Add(name);
        }
        List<Entry> all = Bindings(user);
        List<Entry> usable = [.. all.Where(entry => !failed.Contains($"{entry.Uri} {entry.Remote}"))];
        if (usable.Count == 0)
            usable = [.. all.Where(entry => entry.RegId == 0 || !gone.Contains($"{entry.Uri} {entry.Remote}"))];
        Entry[] order = [.. usable.OrderByDescending(entry => entry.Quality)
            .ThenByDescending(entry => entry.UpdatedAt)];
        Entry[] devices = [.. order.Where((entry, i) => entry.Instance.Length == 0 ||
            !order.Take(i).Any(before => before.Instance == entry.Instance))];
        return [.. devices.Where(entry => entry.Quality == devices[0].Quality)];
    }
}
