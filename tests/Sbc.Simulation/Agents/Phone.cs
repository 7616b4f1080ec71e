using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A phone that calls and is called, and takes part in transfers (RFC 3515, RFC 3891).</summary>
public sealed class Phone : Caller
{
    private readonly bool _direct;

    /// <param name="simulator">Whose network it is on.</param>
    /// <param name="name">The user of its From and Contact.</param>
    /// <param name="local">Its address.</param>
    /// <param name="nextHop">Where its requests go; null: where their Request-URI says.</param>
    public Phone(Simulator simulator, string name, in TransportAddress local, TransportAddress? nextHop)
        : base(simulator, name, local, nextHop ?? local)
    {
        _direct = nextHop == null;
    }

    /// <summary>What it does with a call.</summary>
    public Func<Xoshiro, AnswerScript> Script { get; set; } = random =>
        new AnswerScript { FinalAfter = random.Between(0, 1000), AbandonAfter = 200_000 };

    /// <summary>Calls that took the place of others.</summary>
    public long Replaced { get; private set; }

    internal override TransportAddress HopFor(string uri)
    {
        if (!_direct) return NextHop;
        if (SipUri.TryParse(uri, out SipUri? parsed) && parsed.TryAddress(out TransportAddress address)) return address;
        Violation($"cannot be called: {uri}");
        return Local;
    }

    protected override void OnInvite(ServerTransaction transaction)
    {
        SipMessage invite = transaction.Request;
        Counters.Offered++;
        Call? replaced = null;
        List<string> replaces = invite.All("Replaces");
        if (replaces.Count > 0)
        {
            replaced = Replaces(invite, replaces);
            if (replaced == null)
            {
                transaction.Respond(transaction.NewResponse(481, NewToken("t")));
                return;
            }
            Replaced++;
        }
        new IncomingCall(this, transaction, Script(Random), CallNumber.Of(invite), null, 0)
        {
            Replaced = replaced,
        }.Offer();
    }

    internal override bool TryRefer(string uri, Action<int> ended)
    {
        int question = uri.IndexOf('?');
        var headers = new List<HeaderField>();
        if (question >= 0)
        {
            foreach (string header in uri[(question + 1)..].Split('&'))
            {
                int equals = header.IndexOf('=');
                string name = equals < 0 ? header : header[..equals];
                headers.Add(new HeaderField(name, Uri.UnescapeDataString(header[(equals + 1)..])));
            }
            uri = uri[..question];
        }
        var script = new CallScript
        {
            Uri = uri,
            Headers = headers,
            HangUpAfter = Random.Between(2000, 8000),
        };
        Place(script, call => ended(call.FinalStatus));
        return true;
    }

    // RFC 3891 3: Call-ID and both tags name one of our dialogs, or there is none.
    private Call? Replaces(SipMessage invite, List<string> replaces)
    {
        string value = replaces[0];
        int semicolon = value.IndexOf(';');
        string callId = semicolon < 0 ? value : value[..semicolon].Trim();
        string to = HeaderValue.Parameter(value, "to-tag") ?? "";
        string from = HeaderValue.Parameter(value, "from-tag") ?? "";
        var call = Find(callId, to, from) as Call;
        if (replaces.Count > 1) Violation("more than one Replaces (RFC 3891 3)", invite);
        if (call is { Over: false })
        {
            if (invite[Transfer.ReplacedHeader] is { } number && number != $"{call.Number}")
            {
                Violation($"Replaces names call {call.Number}, meant was {number}", invite);
            }
            return call;
        }
        if (ArrivesInOrder) Violation("Replaces names no dialog of ours (RFC 3891 3)", invite);
        return null;
    }
}
