using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>Answers calls by a script: a phone that is called, or a proxy of the farm and its phone.</summary>
public class Callee : UserAgent
{
    /// <summary>Carries <see cref="AnswerScript.ToText"/>, so that a scenario plans both sides of a call.</summary>
    public const string ScriptHeader = "X-Simulated-Answer";

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

    /// <summary>Draws what to do with a call that does not bring its script along.</summary>
    public Func<Xoshiro, AnswerScript> Script { get; set; }

    /// <summary>The password of every user, for challenges.</summary>
    public string Password { get; init; } = "secret";

    /// <summary>The status of answers to OPTIONS, as of probes; 0: silence.</summary>
    public int OptionsStatus { get; set; } = 200;

    /// <summary>RTP of all calls that are over.</summary>
    public RtpCounters Media { get; } = new();

    /// <summary>Where INVITEs came from, and how many.</summary>
    public Dictionary<TransportAddress, long> OfferedBy { get; } = [];

    protected override void OnInvite(ServerTransaction transaction)
    {
        SipMessage invite = transaction.Request;
        Counters.Offered++;
        OfferedBy[transaction.Source] = OfferedBy.GetValueOrDefault(transaction.Source) + 1;
        AnswerScript script = invite[ScriptHeader] is { } text ? AnswerScript.Parse(text) : Script(Random);
        if (script.Status == 0)
        {
            transaction.StaySilent();
            return;
        }
        if (script.Challenge != 0 && !IsAuthorized(transaction, script.Challenge)) return;
        new IncomingCall(this, transaction, script, CallNumber.Of(invite)).Offer();
    }

    protected override void OnOther(ServerTransaction transaction)
    {
        if (transaction.Request.Method != "OPTIONS" || OptionsStatus == 200)
        {
            base.OnOther(transaction);
            return;
        }
        if (OptionsStatus == 0) transaction.StaySilent();
        else transaction.Respond(transaction.NewResponse(OptionsStatus, NewToken("t")));
    }

    /// <summary>What a proxy in front adds to a response that makes a dialog (RFC 3261 12.1.1).</summary>
    internal virtual void AddRecordRoute(SipMessage response, SipMessage invite) =>
        response.Copy(invite, "Record-Route");

    // The nonce is this callee's own: a challenge of one proxy is never answered at another.
    private bool IsAuthorized(ServerTransaction transaction, int challenge)
    {
        SipMessage invite = transaction.Request;
        string? credentials = invite[challenge == 401 ? "Authorization" : "Proxy-Authorization"];
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
        if (!_nonces.Remove(Digest.Field(credentials, "nonce")))
        {
            Violation("credentials for a nonce that is not ours", invite);
        }
        if (Digest.IsRight(credentials, Password, "INVITE")) return true;
        Violation("credentials are wrong", invite);
        transaction.Respond(transaction.NewResponse(403, NewToken("t")));
        return false;
    }
}
