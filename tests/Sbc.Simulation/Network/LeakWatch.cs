using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>Greps every byte that leaves one side for addresses and names of the other: topology hiding.</summary>
public sealed class LeakWatch
{
    private const int LeaksMax = 20;

    private readonly Func<TransportAddress, TransportAddress, bool> _leaves;
    private readonly string[] _exemptHeaders;
    private readonly List<(string Text, byte[] Bytes)> _words = [];
    private readonly List<string> _leaks = [];

    /// <param name="network">Every datagram sent on it is looked at.</param>
    /// <param name="leaves">From, to: whether a datagram between these is on the side that is watched.</param>
    /// <param name="exemptHeaders">Header fields whose lines may hold the words.</param>
    public LeakWatch(
        VirtualNetwork network,
        Func<TransportAddress, TransportAddress, bool> leaves,
        params string[] exemptHeaders)
    {
        _leaves = leaves;
        _exemptHeaders = exemptHeaders;
        network.Sent += Look;
    }

    public long DatagramsWatched { get; private set; }

    public IReadOnlyList<string> Leaks => _leaks;

    public void Forbid(params ReadOnlySpan<string> words)
    {
        foreach (string word in words) _words.Add((word, Encoding.Latin1.GetBytes(word)));
    }

    private void Look(Datagram datagram)
    {
        if (!_leaves(datagram.From, datagram.To)) return;
        DatagramsWatched++;
        foreach ((string text, byte[] bytes) in _words)
        {
            ReadOnlySpan<byte> rest = datagram.Bytes;
            int at;
            int before = 0;
            while ((at = rest.IndexOf(bytes)) >= 0)
            {
                if (!IsWithinLongerToken(rest, at, bytes.Length) && !IsExempt(datagram.Bytes, before + at))
                {
                    if (_leaks.Count < LeaksMax) _leaks.Add($"'{text}' left in {datagram}");
                    return;
                }
                before += at + bytes.Length;
                rest = rest[(at + bytes.Length)..];
            }
        }
    }

    // "10.0.0.2" is no part of "10.0.0.21" nor of "110.0.0.2".
    private static bool IsWithinLongerToken(ReadOnlySpan<byte> bytes, int at, int length)
    {
        bool digitBefore = at > 0 && char.IsAsciiDigit((char)bytes[at - 1]) && char.IsAsciiDigit((char)bytes[at]);
        int end = at + length;
        return digitBefore
            || (end < bytes.Length && char.IsAsciiDigit((char)bytes[end]) && char.IsAsciiDigit((char)bytes[end - 1]));
    }

    private bool IsExempt(byte[] bytes, int at)
    {
        if (_exemptHeaders.Length == 0) return false;
        int start = bytes.AsSpan(0, at).LastIndexOf((byte)'\n') + 1;
        string line = Encoding.Latin1.GetString(bytes, start, at - start);
        foreach (string header in _exemptHeaders)
        {
            if (line.StartsWith(header + ":", StringComparison.OrdinalIgnoreCase)) return true;
        }
        return false;
    }
}
