using System.Diagnostics.CodeAnalysis;
using Sbc.Runtime;

namespace Sbc.Engine.Config;

/// <summary><c>admin</c>: metrics, health and the API.</summary>
public sealed record AdminConfig
{
    public const int PortDefault = 9060;

    /// <summary>Address and port of <c>listen</c>. Default http://127.0.0.1:9060: whoever reaches it can drain the
    /// box, so it is on loopback unless token and TLS protect it. Port 0 lets the system choose.</summary>
    public TransportAddress Listen { get; init; } = TransportAddress.FromIPv4(0x7F000001, PortDefault);

    /// <summary><c>listen</c> says https.</summary>
    public bool Https { get; init; }

    /// <summary><c>token</c> or <c>token_file</c>: the bearer token each request must carry. Null: none is asked
    /// for.</summary>
    public Secret? Token { get; init; }

    /// <summary><c>tls</c>: certificate and key of https. Null: none.</summary>
    public CertificateConfig? Tls { get; init; }

    public bool IsLoopback =>
        Listen.IsIPv4 ? Listen.IPv4 >> 24 == 127 : Listen.High == 0 && Listen.Low == 1;

    public static bool TryParseListen(
        string text, ISystemFacts facts, [NotNullWhen(true)] out AdminConfig? admin, out string error)
    {
        admin = null;
        bool https = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!https && !text.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            error = $"\"{text}\" is no admin address; write http://127.0.0.1:{PortDefault}";
            return false;
        }
        string rest = text[(https ? 8 : 7)..].TrimEnd('/');
        if (!HostPort.TryParse(rest, PortDefault, out HostPort hostPort, out error)) return false;
        string host = hostPort.Host == "localhost" ? "127.0.0.1" : hostPort.Host;
        if (!InterfaceAddress.TryResolve(host, facts, out TransportAddress address, out _, out error)) return false;
        admin = new AdminConfig { Listen = address.WithPort(hostPort.Port), Https = https };
        return true;
    }
}
