using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sbc.Tests.Engine.Calls;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>A box that is the registrar of example.net, with phones at the edge and a PBX in the core.</summary>
public abstract class RegisterLadder(string registrar = "", string edge = "nat: auto", string route = "") : CallLadder(
    edge: edge + "\n    limits: {registrations_per_second_per_source: 100000}", inbound: "to: registered" + route,
    rest: Rest + registrar)
{
    private const string Rest = """
        registrar:
          domains: [example.net, example.org]
          users:
            - {user: alice, password: wonderland}
            - {user: bob, password: builder}
            - {user: carol@example.org, password: singer}
        """ + "\n  ";

    /// <summary>Its configuration, for a reload.</summary>
    protected string Text { get; } = Yaml(
        OneProxy, edge + "\n    limits: {registrations_per_second_per_source: 100000}", inbound: "to: registered",
        rest: Rest + registrar);

    private int _number;
    private int _counts;

    /// <summary>A REGISTER with credentials, after a challenge.</summary>
    /// <param name="lines">Contact and whatever else.</param>
    protected void Registers(
        string lines, string expected = "SIP/2.0 200 OK", string more = "", string user = "alice",
        string host = "alice", string password = "", string call = "reg", string label = "R")
    {
        Ladder.Run(Authorized(lines, user, host, password, call));
        Ladder.Run(Expect(host, "box", label, expected, more));
    }

    protected string Authorized(
        string lines, string user = "alice", string host = "alice", string password = "", string call = "reg",
        string domain = "example.net", string method = "REGISTER", int? count = null, bool sha256 = true)
    {
        // The challenges that were last received are the host's.
        if (_counts == 0 || count == 1) Challenge(user, host, domain);
        if (password.Length == 0) password = PasswordOf(user);
        string credentials = Credentials(user, password, domain, method, count ?? ++_counts, sha256);
        return Register(user, host, $"Authorization: {credentials}\n{lines}", call, domain);
    }

    /// <summary>Asks for a new challenge.</summary>
    protected void Challenge(string user = "alice", string host = "alice", string domain = "example.net")
    {
        Ladder.Run(Register(user, host, "", "", domain));
        string nonces = $"nonce{++_number}";
        Ladder.Run(Expect(host, "box", "C", "SIP/2.0 401 Unauthorized",
            $"WWW-Authenticate: Digest realm=\"{domain}\", nonce=\"{{{nonces}}}\", algorithm=SHA-256, " +
            $"qop=\"auth,auth-int\"\nWWW-Authenticate: Digest realm=\"{domain}\", nonce=\"{{{nonces}}}\", " +
            "algorithm=MD5, qop=\"auth\""));
        Ladder.Set("nonce", Ladder.Value(nonces));
        _counts = 0;
    }

    protected string Credentials(
        string user, string password, string domain, string method, int count, bool sha256 = true)
    {
        string uri = $"sip:{domain}", nonce = Ladder.Value("nonce");
        string counted = count.ToString("x8", CultureInfo.InvariantCulture);
        string a1 = Hash($"{user}:{domain}:{password}", sha256), a2 = Hash($"{method}:{uri}", sha256);
        string response = Hash($"{a1}:{nonce}:{counted}:abc:auth:{a2}", sha256);
        return $"Digest username=\"{user}\", realm=\"{domain}\", nonce=\"{nonce}\", uri=\"{uri}\", " +
            $"response=\"{response}\", algorithm={(sha256 ? "SHA-256" : "MD5")}, qop=auth, nc={counted}, " +
            "cnonce=\"abc\"";
    }

    private int _sequence;

    protected string Register(
        string user, string host, string lines, string call, string domain = "example.net") => $$"""
        {{host}} -> box: REGISTER
          REGISTER sip:{{domain}} SIP/2.0
          Via: SIP/2.0/UDP {{{host}}};rport;branch=z9hG4bKr{{++_sequence}}
          Max-Forwards: 70
          From: <sip:{{user}}@{{domain}}>;tag=r{{_sequence}}
          To: <sip:{{user}}@{{domain}}>
          Call-ID: {{call}}-{{host}}
          CSeq: {{_sequence}} REGISTER
        {{Below(lines)}}
        """;

    private static string Below(string lines) => string.Join(
        '\n', lines.Split('\n').Where(line => line.Trim().Length > 0).Select(line => "  " + line.Trim()));

    protected static string PasswordOf(string user) => user switch
    {
        "alice" => "wonderland",
        "bob" => "builder",
        "carol" => "singer",
        _ => "none",
    };

    private static string Hash(string text, bool sha256)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(sha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }
}
