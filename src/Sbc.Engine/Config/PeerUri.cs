using System.Diagnostics.CodeAnalysis;
using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary>The <c>uri</c> of a peer: <c>sip:10.0.0.21:5060;transport=udp</c>. Only what says where it is.</summary>
public sealed record PeerUri
{
    public required SipHost Host { get; init; }

    /// <summary>As written, or the transport's default.</summary>
    public required int Port { get; init; }

    /// <summary>False: no port was written, so a name is looked up by SRV (RFC 3263 4.2).</summary>
    public required bool PortWritten { get; init; }

    /// <summary>Default udp, tls for sips (RFC 3263 4.1).</summary>
    public required SipTransport Transport { get; init; }

    /// <summary>Address and port; null for a name.</summary>
    public TransportAddress? Address => Host.Address?.WithPort(Port);

    public static bool TryParse(string text, [NotNullWhen(true)] out PeerUri? uri, out string error)
    {
        uri = null;
        int colon = text.IndexOf(':');
        string scheme = colon < 0 ? "" : text[..colon].ToLowerInvariant();
        if (scheme is not ("sip" or "sips"))
        {
            error = $"\"{text}\" is no SIP URI; write sip:ADDRESS:PORT, such as sip:10.0.0.21:5060";
            return false;
        }
        string[] parts = text[(colon + 1)..].Split(';');
        if (text.AsSpan().IndexOfAny('@', '?', '<') >= 0)
        {
            error = $"\"{text}\": a peer's uri has no user, headers or brackets; write {scheme}:ADDRESS:PORT";
            return false;
        }
        if (!TryParseTransport(parts, scheme, out SipTransport transport, out error)) return false;
        if (!HostPort.TryParse(parts[0], 0, out HostPort hostPort, out error)) return false;
        if (!SipHost.TryParse(hostPort.Host, out SipHost? host))
        {
            error = $"\"{hostPort.Host}\" is neither an IP address nor a host name";
            return false;
        }
        bool written = parts[0].Length > hostPort.Host.Length;
        if (written && hostPort.Port == 0)
        {
            error = "port 0 cannot be sent to; write the peer's port, or leave it out for 5060";
            return false;
        }
        uri = new PeerUri
        {
            Host = host,
            Port = written ? hostPort.Port : transport.DefaultPort(),
            PortWritten = written,
            Transport = transport,
        };
        return true;
    }

    private static bool TryParseTransport(string[] parts, string scheme, out SipTransport transport, out string error)
    {
        transport = scheme == "sips" ? SipTransport.Tls : SipTransport.Udp;
        error = "";
        foreach (string parameter in parts.Skip(1))
        {
            const string Prefix = "transport=";
            if (!parameter.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                error = $"\"{parameter}\": only the parameter transport means something here, as in ;transport=tcp";
                return false;
            }
            string word = parameter[Prefix.Length..].ToLowerInvariant();
            if (ConfigWords.Transport.TryParse(word, out transport)) continue;
            error = $"\"{word}\" is no transport{ConfigWords.Transport.Hint(word)}";
            return false;
        }
        return true;
    }

    public override string ToString() =>
        $"sip:{Host.Text}:{Port};transport={ConfigWords.Transport.Name(Transport)}";
}
