namespace Sbc.Engine.Config;

/// <summary><c>tls</c> of a realm.</summary>
public sealed record RealmTlsConfig
{
    /// <summary><c>certificates</c>: chosen by server name (RFC 6066 3), else the first.</summary>
    public IReadOnlyList<CertificateConfig> Certificates { get; init; } = [];

    /// <summary><c>client_ca</c>: file of the authorities whose clients are accepted. Null: no client
    /// certificate is asked for.</summary>
    public string? ClientCaFile { get; init; }
}
