using System.Globalization;

namespace Sbc.Engine.Config;

/// <summary>A host, as written, and its port: the part that listeners, peers and the admin address share.</summary>
public readonly record struct HostPort(string Host, int Port)
{
    /// <param name="text"><c>host</c>, <c>host:port</c> or <c>[IPv6]:port</c>.</param>
    public static bool TryParse(string text, int defaultPort, out HostPort result, out string error)
    {
        result = default;
        error = "";
        int close = text.StartsWith('[') ? text.IndexOf(']') : -1;
        int colon = text.IndexOf(':', Math.Max(close, 0));
        string host = colon < 0 ? text : text[..colon];
        if (close < 0 && colon >= 0 && text.IndexOf(':', colon + 1) >= 0)
            error = $"\"{text}\": an IPv6 address stands in brackets, as in \"[2001:db8::10]:5060\"";
        else if (host.Length == 0)
            error = $"\"{text}\" names no address";
        else if (close >= 0 && host.Length != close + 1)
            error = $"\"{text}\": only a port may follow the bracket, as in \"[2001:db8::10]:5060\"";
        if (error != "") return false;

        int port = defaultPort;
        if (colon >= 0 && !TryParsePort(text.AsSpan(colon + 1), out port))
        {
            error = $"\"{text[(colon + 1)..]}\" is no port; write a number from 0 to 65535";
            return false;
        }
        result = new HostPort(host, port);
        return true;
    }

    public static bool TryParsePort(ReadOnlySpan<char> text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= 65535;
}
