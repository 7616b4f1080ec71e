using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>One side of one dialog: what sessions and subscriptions have in common.</summary>
public abstract class DialogUser
{
    private readonly List<VirtualTimer> _timers = [];
    private bool _listed;
    private int _planned;

    private protected DialogUser(UserAgent agent, long number, char leg, string contact)
    {
        Agent = agent;
        Number = number;
        Leg = leg;
        Contact = contact;
    }

    public UserAgent Agent { get; }

    public long Number { get; }

    /// <summary>'A' of the caller, 'B' of the callee.</summary>
    public char Leg { get; }

    /// <summary>The URI of our Contact.</summary>
    public string Contact { get; }

    /// <summary>Null until the first response, or request, that makes one.</summary>
    public Dialog? Dialog { get; private protected set; }

    /// <summary>The dialog is over, or never came to be.</summary>
    public bool Over { get; private protected set; }

    /// <summary>Planned things that did not happen yet.</summary>
    public int Unmet => _planned;

    private protected Dialog Known => Dialog ?? throw Agent.Simulator.Failure("no dialog yet");

    // RFC 3261 12.2.1.1: the first of the route set, else the remote target.
    private protected TransportAddress NextHop
    {
        get
        {
            string next = Known.NextHopUri;
            if (SipUri.TryParse(next, out SipUri? uri) && uri.TryAddress(out TransportAddress address))
            {
                return address;
            }
            Agent.Violation($"route set or remote target cannot be reached: '{next}'");
            return Agent.Local;
        }
    }

    internal void Receive(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        CheckDialog(request);
        uint number = request.CSeqNumber;
        if (!Known.IsInOrder(number))
        {
            CheckOrder(transaction);
            Agent.Counters.OutOfOrder++;
            Respond(transaction, 500);
            return;
        }
        Known.AcceptNumber(number);
        OnRequest(transaction);
    }

    internal abstract void ReceiveAck(SipMessage ack);

    private protected abstract void OnRequest(ServerTransaction transaction);

    private protected void Listen()
    {
        if (_listed) return;
        _listed = true;
        Agent.Add(Known, this);
    }

    private protected void Unlisten()
    {
        if (!_listed) return;
        _listed = false;
        Agent.Remove(Known);
    }

    private protected void Plan() => _planned++;

    private protected void Met() => _planned--;

    internal void AddContact(SipMessage message) => message.Add("Contact", $"<{Contact}>");

    internal SipMessage NewResponse(ServerTransaction transaction, int status) =>
        transaction.NewResponse(status, Known.LocalTag);

    internal void Respond(ServerTransaction transaction, int status)
    {
        SipMessage response = NewResponse(transaction, status);
        if (status == 405) response.Add("Allow", UserAgent.Allow);
        transaction.Respond(response);
    }

    internal SipMessage NewInDialog(string method) => Known.Request(method, ++Known.LocalNumber);

    internal void SendInDialog(SipMessage request, Action<SipMessage> onFinal, Action onTimeout)
    {
        Agent.SendRequest(request, NextHop, response =>
        {
            if (response.Status >= 200) onFinal(response);
        }, onTimeout);
    }

    private protected void At(long? milliseconds, Action action)
    {
        if (milliseconds is { } delay) _timers.Add(Agent.Simulator.After(delay, action));
    }

    private protected void StopTimers()
    {
        foreach (VirtualTimer timer in _timers) timer.Cancel();
        _timers.Clear();
    }

    /// <summary>A text that only this call's messages carry.</summary>
    private protected void AddMark(SipMessage request)
    {
        request.Add("Content-Type", "text/plain");
        request.Body = $"call {Number.ToString(CultureInfo.InvariantCulture)} {Leg}";
    }

    private protected void CheckMark(SipMessage request)
    {
        string other = $"call {Number.ToString(CultureInfo.InvariantCulture)} {(Leg == 'A' ? 'B' : 'A')}";
        if (request.Body != other) Agent.Violation($"the body is not that of {other}", request);
    }

    private protected void CheckDialog(SipMessage request)
    {
        string remote = HeaderValue.Uri(Known.Remote);
        string local = HeaderValue.Uri(Known.Local);
        if (HeaderValue.Uri(request.From) != remote) Agent.Violation("From URI changed", request);
        if (HeaderValue.Uri(request.To) != local) Agent.Violation("To URI changed", request);
        // RFC 3261 12.2.1.1: the Request-URI of a dialog's requests is the Contact we gave.
        if (request.RequestUri != Contact) Agent.Violation("Request-URI is not our Contact", request);
    }

    private void CheckOrder(ServerTransaction transaction)
    {
        SipMessage request = transaction.Request;
        if (Known.WasUsed(request.CSeqNumber)) Agent.Violation("CSeq is used twice in the dialog", request);
        else if (Agent.ArrivesInOrder) Agent.Violation("CSeq is out of order where the network keeps it", request);
    }
}
