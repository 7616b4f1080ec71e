using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>RFC 3262 3: the reliable provisional responses of one callee, one after the other.</summary>
internal sealed class ReliableProvisionals(UserAgent agent, Action<SipMessage> send, Action<byte[]> sendAgain)
{
    private readonly uint _first = (uint)agent.Random.Between(1, 100_000);
    private byte[] _bytes = [];
    private uint _sent;
    private VirtualTimer? _repeat;
    private VirtualTimer? _timeout;

    /// <summary>One waits for its PRACK.</summary>
    public bool Pending { get; private set; }

    public void Send(SipMessage response, Func<byte[]> sent, Action onTimeout)
    {
        Check.That(!Pending);
        Pending = true;
        response.Add("Require", "100rel");
        response.Add("RSeq", (_first + _sent++).ToString(CultureInfo.InvariantCulture));
        send(response);
        _bytes = sent();
        Again(SipTimers.T1);
        _timeout = agent.Simulator.After(SipTimers.SixtyFourT1, onTimeout);
    }

    /// <summary>Whether RAck names the one that waits, or one that was acknowledged before.</summary>
    public bool Acknowledge(SipMessage prack, uint invite)
    {
        string[] parts = (prack["RAck"] ?? "").Split(' ');
        bool right = parts.Length == 3 && parts[2] == "INVITE" && _sent > 0
            && uint.TryParse(parts[0], CultureInfo.InvariantCulture, out uint number)
            && uint.TryParse(parts[1], CultureInfo.InvariantCulture, out uint cseq)
            && cseq == invite && number == _first + _sent - 1 && Pending;
        if (right)
        {
            Pending = false;
            Stop();
        }
        return right;
    }

    /// <summary>A final response was sent: nothing is repeated any more, and a PRACK may still come.</summary>
    public void Stop()
    {
        _repeat?.Cancel();
        _timeout?.Cancel();
    }

    // The interval doubles without end.
    private void Again(long interval) => _repeat = agent.Simulator.After(interval, () =>
    {
        sendAgain(_bytes);
        Again(interval * 2);
    });
}
