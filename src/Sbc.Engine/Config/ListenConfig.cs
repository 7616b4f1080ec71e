using System.Diagnostics.CodeAnalysis;
using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>One entry of <c>listen</c>: <c>udp://192.0.2.10:5060</c>, <c>"udp://[2001:db8::10]:5060"</c> or
/// <c>udp://eth0:5060</c>. Without a port the transport's default is taken; port 0 lets the system choose.</summary>
public sealed record ListenConfig
{
    public required SipTransport Transport { get; init; }

    /// <summary>Address and port; where an interface was named, its address.</summary>
    public required TransportAddress Address { get; init; }

    /// <summary>The interface, where its name stood for the address.</summary>
    public string? Interface { get; init; }

    public static bool TryParse(
        string text, ISystemFacts facts, [NotNullWhen(true)] out ListenConfig? listen, out string error)
    {
        listen = null;
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            error = $"\"{text}\" is no listener; write transport://address:port, such as udp://192.0.2.10:5060";
            return false;
        }
        if (!ConfigWords.Transport.TryParse(text[..scheme], out SipTransport transport))
        {
            error = $"\"{text[..scheme]}\" is no transport{ConfigWords.Transport.Hint(text[..scheme])}";
            return false;
        }
        if (!HostPort.TryParse(text[(scheme + 3)..], transport.DefaultPort(), out HostPort hostPort, out error))
            return false;
        if (!InterfaceAddress.TryResolve(hostPort.Host, facts, out TransportAddress address, out bool named, out error))
            return false;
        listen = new ListenConfig
        {
            Transport = transport,
            Address = address.WithPort(hostPort.Port),
            Interface = named ? hostPort.Host : null,
        };
        return true;
    }

    /// <summary>As a listener is written, with the address in place of an interface.</summary>
    public override string ToString() => $"{ConfigWords.Transport.Name(Transport)}://{Address}";
}
