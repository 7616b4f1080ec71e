namespace Sbc.Engine.Config;

/// <summary>Ports from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
public readonly record struct PortRange(int First, int Last)
{
    public int Count => Last - First + 1;

    /// <summary>Pairs of an even RTP port and the odd RTCP port above it (RFC 3550 11).</summary>
    public int Pairs => Count / 2;

    public bool Contains(int port) => port >= First && port <= Last;

    public bool Overlaps(PortRange other) => First <= other.Last && other.First <= Last;

    /// <param name="text"><c>20000-31999</c>, or one port.</param>
    public static bool TryParse(string text, out PortRange range, out string error)
    {
        int dash = text.IndexOf('-');
        string first = dash < 0 ? text : text[..dash];
        string last = dash < 0 ? text : text[(dash + 1)..];
        range = default;
        error = $"\"{text}\" is no range of ports; write FIRST-LAST, such as 20000-31999";
        if (!HostPort.TryParsePort(first.Trim(), out int low) || !HostPort.TryParsePort(last.Trim(), out int high))
            return false;
        if (low > high)
        {
            error = $"\"{text}\" ends before it begins; write {high}-{low}";
            return false;
        }
        range = new PortRange(low, high);
        error = "";
        return true;
    }

    public override string ToString() => $"{First}-{Last}";
}
