namespace Sbc.Engine.Config;

/// <summary>An entry of <c>registrar.users</c>; exactly one form of the password.</summary>
public sealed record RegistrarUserConfig
{
    /// <summary><c>user</c>: the user part of the address, in the first domain; or <c>user@domain</c>.</summary>
    public string User { get; init; } = "";

    /// <summary><c>password</c> or <c>password_file</c>.</summary>
    public Secret? Password { get; init; }

    /// <summary>True: the password stands in the configuration itself, which is good for a lab only.</summary>
    public bool PasswordInline { get; init; }

    /// <summary><c>ha1_md5</c>: MD5(user:realm:password) in hexadecimal.</summary>
    public Secret? Ha1Md5 { get; init; }

    /// <summary><c>ha1_sha256</c>: the same by SHA-256 (RFC 8760).</summary>
    public Secret? Ha1Sha256 { get; init; }
}
