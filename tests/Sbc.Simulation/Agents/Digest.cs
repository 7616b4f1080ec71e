using System.Security.Cryptography;
using System.Text;

namespace Sbc.Simulation;

/// <summary>Digest authentication without qop (RFC 3261 22.4, RFC 2617).</summary>
internal static class Digest
{
    /// <summary>The credentials for a challenge, as the header field to add; null without a challenge.</summary>
    public static HeaderField? Answer(SipMessage challenge, string user, string password, SipMessage request)
    {
        bool proxy = challenge.Status == 407;
        string? value = challenge[proxy ? "Proxy-Authenticate" : "WWW-Authenticate"];
        if (value == null) return null;
        string realm = Field(value, "realm");
        string nonce = Field(value, "nonce");
        if (realm.Length == 0 || nonce.Length == 0) return null;
        string response = Response(user, realm, password, request.Method!, request.RequestUri, nonce);
        return new HeaderField(
            proxy ? "Proxy-Authorization" : "Authorization",
            $"Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{request.RequestUri}\", "
            + $"response=\"{response}\", algorithm=MD5");
    }

    public static bool IsRight(string credentials, string password, string method)
    {
        string expected = Response(
            Field(credentials, "username"),
            Field(credentials, "realm"),
            password,
            method,
            Field(credentials, "uri"),
            Field(credentials, "nonce"));
        return expected == Field(credentials, "response");
    }

    public static string Field(string value, string name)
    {
        int at = value.IndexOf($"{name}=\"", StringComparison.OrdinalIgnoreCase);
        while (at > 0 && char.IsLetter(value[at - 1]))
        {
            at = value.IndexOf($"{name}=\"", at + 1, StringComparison.OrdinalIgnoreCase);
        }
        if (at < 0) return "";
        int start = at + name.Length + 2;
        int end = value.IndexOf('"', start);
        return end < 0 ? "" : value[start..end];
    }

    private static string Response(
        string user, string realm, string password, string method, string uri, string nonce) =>
        Hash($"{Hash($"{user}:{realm}:{password}")}:{nonce}:{Hash($"{method}:{uri}")}");

    private static string Hash(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
