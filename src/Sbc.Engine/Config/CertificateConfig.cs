namespace Sbc.Engine.Config;

/// <summary>A certificate chain and its key, both PEM.</summary>
/// <param name="CertificateFile"><c>certificate</c>: path, resolved against the configuration's folder.</param>
/// <param name="KeyFile"><c>key_file</c>: path, resolved likewise.</param>
public sealed record CertificateConfig(string CertificateFile, string KeyFile);
