using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// A stateless, record-routing proxy (RFC 3261 16.11): sends an INVITE on under another Request-URI, as back to the
/// box's core listener towards a registered phone, so that a call passes the box twice.
/// </summary>
public sealed class ForwardingProxy : IDatagramSink
{
    private const int ViolationsMax = 20;

    private readonly Simulator _simulator;
    private readonly VirtualSocket _socket;
    private readonly Func<SipMessage, string> _target;
    private readonly List<string> _violations = [];
    private readonly List<string> _problems = [];

    /// <param name="simulator">Whose network it is on.</param>
    /// <param name="local">Its address.</param>
    /// <param name="target">The Request-URI a request outside a dialog is sent on with.</param>
    /// <param name="nextHop">Where those go: null follows the Request-URI.</param>
    public ForwardingProxy(
        Simulator simulator,
        in TransportAddress local,
        Func<SipMessage, string> target,
        TransportAddress? nextHop = null)
    {
        _simulator = simulator;
        _socket = simulator.Network.Bind(local, this);
        _target = target;
        NextHop = nextHop;
    }

    public TransportAddress Local => _socket.Local;

    public TransportAddress? NextHop { get; set; }

    public bool RecordRoute { get; init; } = true;

    public IReadOnlyList<string> Violations => _violations;

    public long Forwarded { get; private set; }

    public long OptionsAnswered { get; private set; }

    private string OwnRoute => $"<sip:{Local};lr>";

    void IDatagramSink.Received(Datagram datagram)
    {
        if (!SipMessage.TryParse(datagram.Bytes, out SipMessage message, out string error))
        {
            Violation($"not SIP ({error}): {datagram}");
            return;
        }
        MessageRules.Check(message, _problems);
        foreach (string problem in _problems) Violation($"{problem}\n{message}");
        _problems.Clear();
        if (message.IsRequest) ForwardRequest(message, datagram.From);
        else ForwardResponse(message);
    }

    void IDatagramSink.Unreachable(TransportAddress to, byte[] quoted)
    {
    }

    private void ForwardRequest(SipMessage request, in TransportAddress source)
    {
        string stamped = ServerTransaction.StampedVia(request, source);
        bool forUs = SipUri.TryParse(request.RequestUri, out SipUri? uri)
            && uri.User.Length == 0 && uri.TryAddress(out TransportAddress named) && named == Local;
        if (request.Method == "OPTIONS" && forUs)
        {
            OptionsAnswered++;
            Answer(request, 200, stamped, source);
            return;
        }
        int hops = int.Parse(request["Max-Forwards"] ?? "70", CultureInfo.InvariantCulture);
        if (hops == 0)
        {
            if (request.Method != "ACK") Answer(request, 483, stamped, source);
            return;
        }
        // RFC 3261 16.11: the branch is a function of what a retransmission, a CANCEL and an ACK repeat.
        string branch = $"z9hG4bKfp{StableHash(request.TopBranch + HeaderValue.SentBy(request["Via"] ?? "")):x16}";
        request.Set("Via", stamped);
        request.Set("Max-Forwards", (hops - 1).ToString(CultureInfo.InvariantCulture));
        if (!TryRoute(request, out TransportAddress next))
        {
            if (request.Method != "ACK") Answer(request, 404, stamped, source);
            return;
        }
        if (RecordRoute && request.Method is "INVITE" or "SUBSCRIBE" or "NOTIFY" or "REFER")
        {
            request.Prepend("Record-Route", OwnRoute);
        }
        request.Prepend("Via", $"SIP/2.0/UDP {Local};branch={branch}");
        Forwarded++;
        _socket.Send(next, request.ToBytes());
    }

    // RFC 3261 16.4, 16.6: our Route is taken away, then the next Route or the Request-URI says where to.
    private bool TryRoute(SipMessage request, out TransportAddress next)
    {
        List<string> routes = request.All("Route", split: true);
        request.RemoveAll("Route");
        bool wasRouted = routes.Count > 0 && routes[0] == OwnRoute;
        if (wasRouted) routes.RemoveAt(0);
        foreach (string route in routes) request.Add("Route", route);
        string uri;
        if (routes.Count > 0) uri = HeaderValue.Uri(routes[0]);
        else if (wasRouted) uri = request.RequestUri;
        else
        {
            bool inDialog = request.ToTag.Length > 0 && request.Method != "ACK";
            if (inDialog) Violation($"in-dialog without our Route\n{request}");
            request.RequestUri = uri = _target(request);
            if (NextHop is { } fixedHop)
            {
                next = fixedHop;
                return true;
            }
        }
        next = default;
        return SipUri.TryParse(uri, out SipUri? parsed) && parsed.TryAddress(out next);
    }

    private void ForwardResponse(SipMessage response)
    {
        List<string> vias = response.All("Via");
        if (vias.Count < 2 || HeaderValue.SentBy(vias[0]) != Local.ToString())
        {
            Violation($"top Via is not ours, or the last\n{response}");
            return;
        }
        response.Headers.RemoveAt(response.Headers.FindIndex(field => field.Name == "Via"));
        Forwarded++;
        if (TryViaAddress(vias[1], out TransportAddress to)) _socket.Send(to, response.ToBytes());
        else Violation($"cannot send to the next Via\n{response}");
    }

    private void Answer(SipMessage request, int status, string stampedVia, in TransportAddress source)
    {
        SipMessage response = SipMessage.Response(status);
        response.Copy(request, "Via");
        response.Set("Via", stampedVia);
        response.Add("From", request.From);
        bool tagged = request.ToTag.Length > 0;
        response.Add("To", tagged ? request.To : $"{request.To};tag=fp{StableHash(request.CallId):x}");
        response.Add("Call-ID", request.CallId).Add("CSeq", request["CSeq"] ?? "");
        _socket.Send(ServerTransaction.ReplyAddress(stampedVia, source), response.ToBytes());
    }

    private static bool TryViaAddress(string via, out TransportAddress address)
    {
        SipUri.TrySplit(HeaderValue.SentBy(via), out string host, out int port);
        string? received = HeaderValue.Parameter(via, "received");
        string? rport = HeaderValue.Parameter(via, "rport");
        if (int.TryParse(rport, CultureInfo.InvariantCulture, out int stamped)) port = stamped;
        string target = string.IsNullOrEmpty(received) ? host : received;
        return SipUri.TryAddress(target, port == 0 ? 5060 : port, out address);
    }

    // FNV-1a: string.GetHashCode differs in every process.
    private static ulong StableHash(string text)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (char c in text) hash = (hash ^ c) * 1_099_511_628_211;
        return hash;
    }

    private void Violation(string what)
    {
        if (_violations.Count < ViolationsMax) _violations.Add($"{_simulator.Clock.Text} forwarding proxy: {what}");
    }
}
