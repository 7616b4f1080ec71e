using System.Text;
using Sbc.Sip.Authentication;
using Xunit;

namespace Sbc.Tests.Sip.Authentication;

/// <summary>Digest authentication against the examples of the RFCs.</summary>
public class DigestTests
{
    private const string Nonce7616 = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    private const string Client7616 = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    [Theory]
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    [InlineData("md5", "8CA523F5E9506FED4657C9700EEBDBEC")]
    public void The_example_of_RFC_7616_matches(string algorithm, string response)
    {
        string value = $"Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", " +
            $"algorithm={algorithm}, nonce=\"{Nonce7616}\", nc=00000001, cnonce=\"{Client7616}\", qop=auth, " +
            $"response=\"{response}\", opaque=\"x\"";
        Assert.True(Matches(value, "Circle of Life", "GET"));
        Assert.False(Matches(value, "Circle of life", "GET"));
        Assert.False(Matches(value, "Circle of Life", "PUT"));
    }

    [Fact]
    public void The_example_of_RFC_2617_matches() => Assert.True(Matches(
        "digest username=\"Mufasa\",realm=\"testrealm@host.com\",nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"," +
        "uri=\"/dir/index.html\",qop=auth,nc=00000001,cnonce=\"0a4f113b\"," +
        "response=\"6629fae49393a05397450978507c4ef1\"", "Circle Of Life", "GET"));

    [Fact]
    public void Without_qop_it_is_as_in_RFC_2069() => Assert.True(Matches(
        "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", " +
        "uri=\"/dir/index.html\", response=\"1949323746fe6a43ef61f9606e7febea\"", "CircleOfLife", "GET"));

    [Fact]
    public void Auth_int_covers_the_body()
    {
        // As curl and libre compute it: A2 is method, URI and the hash of the body.
        string a1 = Hex("alice:example.net:secret");
        string a2 = Hex("MESSAGE:sip:bob@example.net:" + Hex("Hi"));
        string response = Hex($"{a1}:n:00000002:c:auth-int:{a2}");
        string value = "Digest username=\"alice\", realm=\"example.net\", nonce=\"n\", uri=\"sip:bob@example.net\", " +
            $"qop=\"auth-int\", nc=00000002, cnonce=\"c\", algorithm=MD5, response=\"{response}\"";
        Assert.True(Matches(value, "secret", "MESSAGE", "Hi"));
        Assert.False(Matches(value, "secret", "MESSAGE", "Ho"));
    }

    [Theory]
    [InlineData("Basic YWxpY2U6c2VjcmV0")]
    [InlineData("Digest")]
    [InlineData("NoOneKnowsThisScheme opaque-data=here")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\"")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"abc\"")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\", algorithm=MD5-sess")]
    [InlineData("Digest username=\"a\", username=\"x\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\"")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\", qop=auth")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\", qop=auth, cnonce=\"e\"")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\", qop=auth, " +
        "cnonce=\"e\", nc=00000000")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\", qop=auth, " +
        "cnonce=\"e\", nc=0000000g")]
    [InlineData("Digest username=\"a\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\", qop=auth, " +
        "cnonce=\"e\", nc=1")]
    [InlineData("Digest username=\"a, realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\"")]
    [InlineData("Digest username=\"\", realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\"")]
    [InlineData("Digest =a, realm=\"b\", nonce=\"c\", uri=\"d\", response=\"{0}\"")]
    public void What_is_no_digest_is_none(string value) => Assert.False(DigestCredentials.TryParse(
        Encoding.UTF8.GetBytes(value.Replace("{0}", new string('0', 32), StringComparison.Ordinal)), out _));

    [Fact]
    public void Texts_that_are_too_long_are_refused_and_not_cut()
    {
        string value = $"Digest username=\"{new string('a', 600)}\", realm=\"b\", nonce=\"c\", uri=\"d\", " +
            $"response=\"{new string('0', 32)}\"";
        Assert.False(DigestCredentials.TryParse(Encoding.UTF8.GetBytes(value), out _));
        Assert.False(Digest.TryHashUser(
            DigestAlgorithm.Md5, "a"u8, "b"u8, new byte[5000], new byte[Digest.HashBytesMax]));
    }

    private static bool Matches(string value, string password, string method, string body = "")
    {
        Assert.True(DigestCredentials.TryParse(Encoding.UTF8.GetBytes(value), out DigestCredentials credentials));
        var secret = new byte[Digest.HashBytesMax];
        Assert.True(Digest.TryHashUser(credentials.Algorithm, credentials.UserName, credentials.Realm,
            Encoding.UTF8.GetBytes(password), secret));
        return Digest.Matches(credentials, secret, Encoding.UTF8.GetBytes(method), Encoding.UTF8.GetBytes(body));
    }

    private static string Hex(string text) =>
        Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Encoding.UTF8.GetBytes(text)));
}
