using System.Text;

namespace Sbc.Simulation;

/// <summary>The last datagrams of the network, in a bounded ring.</summary>
public sealed class Wiretap
{
    private Datagram?[] _ring = new Datagram?[4096];
    private long _count;

    /// <summary>How many are kept. Changing it forgets what was recorded.</summary>
    public int Capacity
    {
        get => _ring.Length;
        set
        {
            _ring = new Datagram?[value];
            _count = 0;
        }
    }

    /// <summary>Oldest first.</summary>
    public IEnumerable<Datagram> Recorded
    {
        get
        {
            for (long i = Math.Max(0, _count - _ring.Length); i < _count; i++) yield return _ring[i % _ring.Length]!;
        }
    }

    internal void Record(Datagram datagram) => _ring[_count++ % _ring.Length] = datagram;

    /// <summary>All recorded datagrams that contain the text, as a Call-ID, for a failure message.</summary>
    public string Grep(string text)
    {
        byte[] needle = Encoding.Latin1.GetBytes(text);
        var found = new StringBuilder();
        foreach (Datagram datagram in Recorded)
        {
            if (datagram.Bytes.AsSpan().IndexOf(needle) >= 0) found.Append(datagram).Append('\n');
        }
        return found.ToString();
    }

    /// <summary>A line for each recorded datagram that contains the text.</summary>
    public string Ladder(string text)
    {
        byte[] needle = Encoding.Latin1.GetBytes(text);
        var ladder = new StringBuilder();
        foreach (Datagram datagram in Recorded)
        {
            if (datagram.Bytes.AsSpan().IndexOf(needle) < 0) continue;
            string message = datagram.Text;
            int end = message.IndexOf('\r');
            double seconds = (datagram.SentAt - VirtualClock.Start) / 1_000_000.0;
            ladder.Append($"{seconds:F6} {datagram.From} -> {datagram.To}  ");
            ladder.Append(message, 0, Math.Max(0, end)).Append('\n');
        }
        return ladder.ToString();
    }
}
