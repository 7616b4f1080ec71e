using System.Text;
using Sbc.Sip.Authentication;
using Sbc.Sip.Message;
using Sbc.Sip.Writing;
using Xunit;

namespace Sbc.Tests.Sip.Authentication;

/// <summary>The client's side of digest authentication.</summary>
public class DigestAnswerTests
{
    private const string Nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    private const string Client = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";

    [Theory]
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    public void The_example_of_RFC_7616_is_answered_as_it_says(string algorithm, string response)
    {
        string line = Answer(
            $"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, "
            + $"nonce=\"{Nonce}\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
            "Mufasa", "Circle of Life", "GET", "/dir/index.html", Client);
        Assert.StartsWith("Authorization: Digest username=\"Mufasa\", realm=\"http-auth@example.org\", ", line);
        Assert.Contains($"response=\"{response}\"", line);
        Assert.Contains("opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"", line);
        Assert.Contains($"qop=auth, nc=00000001, cnonce=\"{Client}\"", line);
        Assert.EndsWith("\"\r\n", line);
    }

    [Fact]
    public void The_example_of_RFC_2617_is_answered_as_it_says() => Assert.Contains(
        "response=\"6629fae49393a05397450978507c4ef1\"",
        Answer("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", "
            + "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
            "Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b"));

    [Fact]
    public void Without_qop_it_is_as_in_RFC_2069()
    {
        string line = Answer(
            "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
            "Mufasa", "CircleOfLife", "GET", "/dir/index.html", "c");
        Assert.Contains("response=\"1949323746fe6a43ef61f9606e7febea\"", line);
        Assert.DoesNotContain("cnonce", line);
    }

    [Theory]
    [InlineData("Digest realm=\"a\", nonce=\"n\"", true, "MD5 None")]
    [InlineData("DIGEST  realm=\"a\",nonce=\"n\",algorithm=sha-256,qop=auth", true, "Sha256 Auth")]
    [InlineData("Digest realm=\"a, b\", nonce=\"n\", qop=\"auth-int\"", true, "MD5 AuthInt")]
    [InlineData("Digest realm=\"a\", nonce=\"n\", qop=\"x,auth\", stale=TRUE, unknown=1", true, "MD5 Auth stale")]
    [InlineData("Digest realm=\"a\", nonce=\"n\", stale=false", true, "MD5 None")]
    [InlineData("Digest realm=\"a\", nonce=\"n\", qop=\"token\"", false, "")]
    [InlineData("Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256", false, "")]
    [InlineData("Digest realm=\"a\", nonce=\"n\", algorithm=MD5-sess", false, "")]
    [InlineData("Digest realm=\"a\"", false, "")]
    [InlineData("Digest nonce=\"n\"", false, "")]
    [InlineData("Digest realm=\"a, nonce=\"n\"", false, "")]
    [InlineData("Basic realm=\"a\"", false, "")]
    [InlineData("Digest", false, "")]
    [InlineData("", false, "")]
    public void A_challenge_is_read_or_not_answered(string value, bool isKnown, string read)
    {
        bool known = DigestChallenge.TryParse(Encoding.UTF8.GetBytes(value), out DigestChallenge challenge);
        Assert.Equal(isKnown, known);
        if (!known) return;
        string algorithm = challenge.Algorithm == DigestAlgorithm.Md5 ? "MD5" : "Sha256";
        Assert.Equal(read, $"{algorithm} {challenge.Qop}{(challenge.IsStale ? " stale" : "")}");
    }

    [Theory]
    [InlineData("", "two")]
    [InlineData("r", "two")]
    [InlineData("other", "four")]
    [InlineData("nobody", "")]
    public void Of_several_challenges_SHA_256_is_answered_and_only_the_realm_that_is_ours(string realm, string nonce)
    {
        byte[] bytes = Encoding.ASCII.GetBytes("""
            SIP/2.0 401 Unauthorized
            WWW-Authenticate: Digest realm="r", nonce="zero", algorithm=SHA-512
            WWW-Authenticate: Digest realm="r", nonce="one", algorithm=MD5
            WWW-Authenticate: Digest realm="r", nonce="two", algorithm=SHA-256
            WWW-Authenticate: Digest realm="r", nonce="three", algorithm=SHA-256
            WWW-Authenticate: Digest realm="other", nonce="four"
            Proxy-Authenticate: Digest realm="r", nonce="five"


            """.Replace("\n", "\r\n", StringComparison.Ordinal));
        var response = new SipMessage();
        response.Parse(bytes, 0, bytes.Length);
        bool found = DigestChallenge.TryChoose(response, Encoding.ASCII.GetBytes(realm), out DigestChallenge best);
        Assert.Equal(nonce.Length > 0, found);
        Assert.Equal(nonce, Encoding.ASCII.GetString(best.Nonce));
    }

    private static string Answer(
        string challengeText, string user, string password, string method, string uri, string clientNonce)
    {
        Assert.True(DigestChallenge.TryParse(Encoding.ASCII.GetBytes(challengeText), out DigestChallenge challenge));
        var answer = new DigestAnswer
        {
            IsProxy = false,
            User = Encoding.ASCII.GetBytes(user),
            Password = Encoding.ASCII.GetBytes(password),
            Realm = challenge.Realm,
            Nonce = challenge.Nonce,
            Opaque = challenge.Opaque,
            Algorithm = challenge.Algorithm,
            Qop = challenge.Qop,
            NonceCount = 1,
            ClientNonce = Encoding.ASCII.GetBytes(clientNonce),
        };
        var writer = new SipWriter(new byte[2048]);
        Assert.True(DigestAnswer.TryWrite(
            ref writer, answer, Encoding.ASCII.GetBytes(method), Encoding.ASCII.GetBytes(uri), default));
        return Encoding.ASCII.GetString(writer.Written);
    }
}
