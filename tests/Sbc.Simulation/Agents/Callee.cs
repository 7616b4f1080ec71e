using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>Answers calls by a script: a phone that is called, or a proxy of the farm and its phone.</summary>
public class Callee : UserAgent
{
    /// <summary>Carries <see cref="AnswerScript.ToText"/>, so that a scenario plans both sides of a call.</summary>
    public const string ScriptHeader = "X-Simulated-Answer";

    /// <summary>Says that of several scripts each proxy has one, and does not fork itself.</summary>
    public const string BranchHeader = "X-Simulated-Branch";

    private readonly HashSet<string> _nonces = [];

    public Callee(
        Simulator simulator,
        string name,
        in TransportAddress local,
        Func<Xoshiro, AnswerScript> script,
        TransportAddress? privateAddress = null)
        : base(simulator, name, local, privateAddress)
    {
        Script = script;
    }

    /// <summary>Which of several scripts it follows where the box forks to several proxies.</summary>
    public int BranchIndex { get; init; }

    /// <summary>Draws what to do with a call that does not bring its script along.</summary>
    public Func<Xoshiro, AnswerScript> Script { get; set; }

    /// <summary>The password of every user, for challenges.</summary>
    public string Password { get; init; } = "secret";

    /// <summary>Who challenged may be dead by now, and its calls come here with credentials for its nonce.</summary>
    public bool MayTakeOver { get; set; }

    /// <summary>The status of answers to OPTIONS, as of probes; 0: silence.</summary>
    public int OptionsStatus { get; set; } = 200;

    /// <summary>Where INVITEs came from, and how many.</summary>
    public Dictionary<TransportAddress, long> OfferedBy { get; } = [];

    protected override void OnInvite(ServerTransaction transaction)
    {
        SipMessage invite = transaction.Request;
        Counters.Offered++;
        OfferedBy[transaction.Source] = OfferedBy.GetValueOrDefault(transaction.Source) + 1;
        IReadOnlyList<AnswerScript> scripts = ScriptsOf(invite);
        AnswerScript script = scripts[0];
        if (script.Status == 0)
        {
            transaction.StaySilent();
            return;
        }
        if (script.Challenge != 0 && !IsAuthorized(transaction, script.Challenge)) return;
        long number = CallNumber.Of(invite);
        if (scripts.Count > 1) new ForkedAnswer(this, transaction, scripts, number).Offer();
        else new IncomingCall(this, transaction, script, number, null, 0).Offer();
    }

    protected override void OnOther(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        long number = CallNumber.Of(request);
        if (number == 0)
        {
            // No agent's: a probe.
            if (request.Method != "OPTIONS" || OptionsStatus == 200) base.OnOther(transaction);
            else if (OptionsStatus == 0) transaction.StaySilent();
            else transaction.Respond(transaction.NewResponse(OptionsStatus, NewToken("t")));
            return;
        }
        Counters.Offered++;
        IReadOnlyList<AnswerScript> scripts = ScriptsOf(request);
        if (scripts[0].Status >= 300)
        {
            transaction.Respond(transaction.NewResponse(scripts[0].Status, NewToken("t")));
            return;
        }
        switch (request.Method)
        {
            case "SUBSCRIBE" or "REFER":
                CheckSubscribe(request);
                for (int i = 0; i < scripts.Count; i++)
                {
                    int index = scripts.Count == 1 ? 0 : i + 1;
                    new Notifier(this, transaction, scripts[i], number, index).Begin(answers: i == 0);
                }
                break;
            default:
                AnswerAlone(transaction, number);
                break;
        }
    }

    /// <summary>The body of what belongs to a call and to no other.</summary>
    internal static string MarkOf(long number) => string.Create(CultureInfo.InvariantCulture, $"number {number}");

    // A redirection's target says its status in its user.
    private IReadOnlyList<AnswerScript> ScriptsOf(SipMessage request)
    {
        if (request[ScriptHeader] is not { } text) return [Script(Random)];
        IReadOnlyList<AnswerScript> scripts = AnswerScript.ParseAll(text);
        if (request[BranchHeader] is not null) return [scripts[BranchIndex % scripts.Count]];
        if (scripts[0].Redirects.Count == 0 || !SipUri.TryParse(request.RequestUri, out SipUri? uri)) return scripts;
        return uri.User.Length == 4 && uri.User[0] == 'r' && int.TryParse(uri.User.AsSpan(1), out int status)
            ? [scripts[0] with { Status = status }]
            : scripts;
    }

    private void AnswerAlone(ServerTransaction transaction, long number)
    {
        SipMessage request = transaction.Request;
        SipMessage response = transaction.NewResponse(200, NewToken("t"));
        if (request.Method != "OPTIONS" && request.Body != MarkOf(number)) Violation("not the sender's body", request);
        if (request.Method == "PUBLISH")
        {
            if (request["Event"] != "presence") Violation("PUBLISH without its Event", request);
            response.Add("SIP-ETag", NewToken("e")).Add("Expires", request["Expires"] ?? "");
        }
        if (request.Method == "FOO")
        {
            response.Add("Content-Type", "text/plain");
            response.Body = MarkOf(number);
        }
        transaction.Respond(response.Add("Allow", Allow));
    }

    private void CheckSubscribe(SipMessage request)
    {
        if (request.Method == "REFER")
        {
            if (request.All("Refer-To").Count != 1) Violation("REFER without one Refer-To (RFC 3515 2.4.1)", request);
            return;
        }
        if (request["Event"] != "presence") Violation("SUBSCRIBE without its Event", request);
        if (request["Expires"] == null) Violation("SUBSCRIBE without its Expires", request);
    }

    // The nonce is this callee's own: a challenge of one proxy is never answered at another.
    private bool IsAuthorized(ServerTransaction transaction, int challenge)
    {
        SipMessage invite = transaction.Request;
        // The box's own, where it has to show them too, are for another realm.
        string? credentials = invite.All(challenge == 401 ? "Authorization" : "Proxy-Authorization")
            .Find(value => Digest.Field(value, "realm") == Name);
        if (credentials == null)
        {
            Counters.Challenged++;
            string nonce = NewToken("n");
            _nonces.Add(nonce);
            SipMessage response = transaction.NewResponse(challenge, NewToken("t"));
            response.Add(
                challenge == 401 ? "WWW-Authenticate" : "Proxy-Authenticate",
                $"Digest realm=\"{Name}\", nonce=\"{nonce}\", algorithm=MD5");
            transaction.Respond(response);
            return false;
        }
        if (!_nonces.Remove(Digest.Field(credentials, "nonce")) && !MayTakeOver)
        {
            Violation("credentials for a nonce that is not ours", invite);
        }
        if (Digest.IsRight(credentials, Password, "INVITE")) return true;
        Violation("credentials are wrong", invite);
        transaction.Respond(transaction.NewResponse(403, NewToken("t")));
        return false;
    }
}
