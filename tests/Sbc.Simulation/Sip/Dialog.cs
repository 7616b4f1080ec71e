namespace Sbc.Simulation;

/// <summary>RFC 3261 12: what both ends remember of a dialog.</summary>
public sealed class Dialog
{
    private readonly HashSet<uint> _remoteNumbers = [];

    private Dialog(string callId, string local, string remote, string remoteTarget, List<string> routeSet)
    {
        CallId = callId;
        Local = local;
        Remote = remote;
        LocalTag = HeaderValue.Parameter(local, "tag") ?? "";
        RemoteTag = HeaderValue.Parameter(remote, "tag") ?? "";
        RemoteTarget = remoteTarget;
        RouteSet = routeSet;
    }

    public string CallId { get; }

    /// <summary>The From value of our requests, with our tag.</summary>
    public string Local { get; }

    /// <summary>The To value of our requests, with the peer's tag.</summary>
    public string Remote { get; }

    public string LocalTag { get; }

    public string RemoteTag { get; }

    public string RemoteTarget { get; set; }

    public IReadOnlyList<string> RouteSet { get; private set; }

    public uint LocalNumber { get; set; }

    public uint RemoteNumber { get; private set; }

    public string Key => KeyOf(CallId, LocalTag, RemoteTag);

    public static string KeyOf(string callId, string localTag, string remoteTag) =>
        string.Concat(callId, "|", localTag, "|") + remoteTag;

    /// <summary>RFC 3261 12.1.2: the caller's side, from a response with a To tag. The route set is reversed.</summary>
    public static Dialog OfResponse(SipMessage invite, SipMessage response)
    {
        List<string> routes = response.All("Record-Route", split: true);
        routes.Reverse();
        string target = HeaderValue.Uri(response["Contact"] ?? "");
        return new Dialog(invite.CallId, invite.From, response.To, target, routes) { LocalNumber = invite.CSeqNumber };
    }

    /// <summary>RFC 3261 13.2.2.4: an early dialog takes route set and target anew from the 2xx.</summary>
    public void Confirm(SipMessage response)
    {
        List<string> routes = response.All("Record-Route", split: true);
        routes.Reverse();
        RouteSet = routes;
        RemoteTarget = HeaderValue.Uri(response["Contact"] ?? "");
    }

    /// <summary>
    /// RFC 6665 4.4.1: a subscriber's side, from the first NOTIFY, whose Record-Route is in our order already.
    /// </summary>
    public static Dialog OfNotify(SipMessage notify, uint localNumber)
    {
        string target = HeaderValue.Uri(notify["Contact"] ?? "");
        var dialog = new Dialog(
            notify.CallId, notify.To, notify.From, target, notify.All("Record-Route", split: true));
        dialog.LocalNumber = localNumber;
        return dialog;
    }

    /// <summary>RFC 3261 12.1.1: the callee's side, from a request without a To tag.</summary>
    public static Dialog OfRequest(SipMessage invite, string localTag)
    {
        string target = HeaderValue.Uri(invite["Contact"] ?? "");
        List<string> routes = invite.All("Record-Route", split: true);
        var dialog = new Dialog(invite.CallId, $"{invite.To};tag={localTag}", invite.From, target, routes);
        dialog.AcceptNumber(invite.CSeqNumber);
        return dialog;
    }

    /// <summary>RFC 3261 12.2.1.1, without Via, Max-Forwards and Contact. All routers are loose.</summary>
    public SipMessage Request(string method, uint number)
    {
        SipMessage request = SipMessage.Request(method, RemoteTarget);
        foreach (string route in RouteSet) request.Add("Route", route);
        return request
            .Add("From", Local)
            .Add("To", Remote)
            .Add("Call-ID", CallId)
            .Add("CSeq", $"{number} {method}");
    }

    /// <summary>Where a request of this dialog goes first.</summary>
    public string NextHopUri => RouteSet.Count > 0 ? HeaderValue.Uri(RouteSet[0]) : RemoteTarget;

    /// <summary>RFC 3261 12.2.2: a number that is lower than one seen before is out of order.</summary>
    public bool IsInOrder(uint number) => number > RemoteNumber;

    public bool WasUsed(uint number) => _remoteNumbers.Contains(number);

    public void AcceptNumber(uint number)
    {
        _remoteNumbers.Add(number);
        RemoteNumber = Math.Max(RemoteNumber, number);
    }
}
