using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A SIP URI (RFC 3261 19.1), as far as an agent looks at it.</summary>
public sealed record SipUri(string User, string Host, int Port, string Parameters)
{
    /// <summary>The port of the URI, or SIP's own.</summary>
    public int EffectivePort => Port == 0 ? 5060 : Port;

    public bool IsLooseRouter => HeaderValue.Parameter(Parameters, "lr") != null;

    public static bool TryParse(string text, [NotNullWhen(true)] out SipUri? uri)
    {
        uri = null;
        if (!text.StartsWith("sip:", StringComparison.OrdinalIgnoreCase)) return false;
        string rest = text[4..];
        int question = rest.IndexOf('?');
        if (question >= 0) rest = rest[..question];
        int at = rest.IndexOf('@');
        string user = at < 0 ? "" : rest[..at];
        rest = rest[(at + 1)..];
        int semicolon = rest.IndexOf(';');
        string parameters = semicolon < 0 ? "" : rest[semicolon..];
        string hostPort = semicolon < 0 ? rest : rest[..semicolon];
        if (!TrySplit(hostPort, out string host, out int port)) return false;
        uri = new SipUri(user, host, port, parameters);
        return true;
    }

    /// <summary>host, host:port or [IPv6]:port; port 0 where there is none.</summary>
    public static bool TrySplit(string hostPort, out string host, out int port)
    {
        port = 0;
        int colon = hostPort.LastIndexOf(':');
        if (colon < hostPort.IndexOf(']')) colon = -1;
        host = colon < 0 ? hostPort : hostPort[..colon];
        if (host.Length == 0) return false;
        return colon < 0
            || (int.TryParse(hostPort.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
                && port is > 0 and < 65_536);
    }

    /// <summary>The transport address of host and port; false for a name: agents resolve nothing.</summary>
    public static bool TryAddress(string host, int port, out TransportAddress address) =>
        TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(host), port, out address);

    public bool TryAddress(out TransportAddress address) => TryAddress(Host, EffectivePort, out address);
}

/// <summary>Addresses as text for agents and tests.</summary>
public static class Address
{
    /// <param name="text">192.0.2.1:5060 or [2001:db8::1]:5060; without a port it is 0.</param>
    public static TransportAddress Of(string text)
    {
        bool split = SipUri.TrySplit(text, out string host, out int port);
        TransportAddress address = default;
        Check.That(split && SipUri.TryAddress(host, port, out address));
        return address;
    }

    public static string Host(in TransportAddress address)
    {
        Span<byte> text = stackalloc byte[TransportAddress.TextBytesMax];
        return Encoding.ASCII.GetString(text[..address.WriteHost(text)]);
    }
}
