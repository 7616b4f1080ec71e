using System.Text;

namespace Sbc.Sip.Authentication;

/// <summary>Hashes that digest credentials are made with (RFC 7616 3.3, RFC 8760 2.3).</summary>
public enum DigestAlgorithm : byte
{
    /// <summary>Of phones that know no other; also where a credential names none.</summary>
    Md5,

    /// <summary>What is asked for first.</summary>
    Sha256,
}

public static class DigestAlgorithms
{
    /// <summary>The token in a challenge.</summary>
    public static ReadOnlySpan<byte> Name(this DigestAlgorithm algorithm) =>
        algorithm == DigestAlgorithm.Sha256 ? "SHA-256"u8 : "MD5"u8;

    /// <summary>Bytes of a hash.</summary>
    public static int Bytes(this DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? 32 : 16;

    /// <summary>False for what was not offered, the -sess forms among them.</summary>
    public static bool TryParse(ReadOnlySpan<byte> token, out DigestAlgorithm algorithm)
    {
        algorithm = Ascii.EqualsIgnoreCase(token, "SHA-256"u8) ? DigestAlgorithm.Sha256 : DigestAlgorithm.Md5;
        return algorithm == DigestAlgorithm.Sha256 || token.Length == 0 || Ascii.EqualsIgnoreCase(token, "MD5"u8);
    }
}
