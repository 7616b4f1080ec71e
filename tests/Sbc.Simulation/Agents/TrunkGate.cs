using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sbc.Simulation;

/// <summary>
/// A peer that wants digest credentials of the box with every request (RFC 3261 22.2), for a nonce that is worth a few
/// of them only.
/// </summary>
public sealed class TrunkGate(string user, string password, string realm, bool isSha256, string qop)
{
    private const int UsesMax = 20;

    private readonly Dictionary<string, int> _uses = [];
    private int _nonces;

    public long Challenged { get; private set; }

    public long Admitted { get; private set; }

    /// <summary>Null: it may pass. Else the challenges to answer it with.</summary>
    /// <param name="request">Any but ACK and CANCEL.</param>
    /// <param name="problem">What is wrong with its credentials; empty: nothing, or there are none.</param>
    public IReadOnlyList<string>? Challenge(SipMessage request, out string problem)
    {
        problem = "";
        string? ours = request.All("Authorization").Find(value => Digest.Field(value, "username") == user);
        bool stale = false;
        if (ours is not null)
        {
            string nonce = Digest.Field(ours, "nonce");
            if (!_uses.TryGetValue(nonce, out int uses)) problem = "credentials for a nonce that is not this peer's";
            else if (!IsRight(ours, request)) problem = "credentials are wrong";
            if (problem.Length == 0 && uses < UsesMax)
            {
                _uses[nonce] = uses + 1;
                Admitted++;
                return null;
            }
            stale = true;
        }
        Challenged++;
        string fresh = $"{realm}{++_nonces}";
        _uses.Add(fresh, 0);
        string rest = $"nonce=\"{fresh}\", qop=\"{qop}\"{(stale ? ", stale=true" : "")}";
        string md5 = $"Digest realm=\"{realm}\", {rest}, algorithm=MD5";
        return isSha256 ? [md5, $"Digest realm=\"{realm}\", {rest}, algorithm=SHA-256"] : [md5];
    }

    private bool IsRight(string value, SipMessage request)
    {
        string nc = Token(value, "nc");
        string body = qop == "auth-int" ? ":" + Hash(request.Body) : "";
        string a2 = Hash($"{request.Method}:{Digest.Field(value, "uri")}{body}");
        string expected = Hash($"{Hash($"{user}:{realm}:{password}")}:{Digest.Field(value, "nonce")}:{nc}:"
            + $"{Digest.Field(value, "cnonce")}:{qop}:{a2}");
        return nc.Length == 8 && int.Parse(nc, NumberStyles.HexNumber, CultureInfo.InvariantCulture) > 0
            && Digest.Field(value, "uri") == request.RequestUri && expected == Digest.Field(value, "response");
    }

    private string Hash(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        return Convert.ToHexStringLower(isSha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }

    private static string Token(string value, string name)
    {
        int at = value.IndexOf($", {name}=", StringComparison.Ordinal);
        if (at < 0) return "";
        int start = at + name.Length + 3;
        int end = value.IndexOf(',', start);
        return end < 0 ? value[start..] : value[start..end];
    }
}
