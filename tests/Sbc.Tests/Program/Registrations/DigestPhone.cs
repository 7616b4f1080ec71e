using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Sbc.Tests.Program.Registrations;

/// <summary>A phone of example.net that registers over a real socket, with digest by the algorithm of its choice.
/// </summary>
public sealed class DigestPhone(string user, string password) : IDisposable
{
    private readonly SipSocket _socket = new();
    private int _number;

    /// <summary>More of its Contact, and whole header lines after it.</summary>
    public string Contact { get; init; } = ";expires=60\r\n";

    /// <summary>The last response to it.</summary>
    public string Answer { get; private set; } = "";

    public void Dispose() => _socket.Dispose();

    public Task<string> ReceiveAsync(string start) => _socket.ReceiveAsync(start);

    /// <summary>Registers after one challenge. What it was answered in the end.</summary>
    public async Task<int> RegisterAsync(IPEndPoint box, bool sha256 = true)
    {
        Send(box, "");
        string challenge = await _socket.ReceiveAsync($"SIP/2.0 401");
        string nonce = challenge.Split("nonce=\"")[1].Split('"')[0];
        string response = Hash(
            $"{Hash($"{user}:example.net:{password}", sha256)}:{nonce}:00000001:c:auth:" +
            Hash("REGISTER:sip:example.net", sha256), sha256);
        Send(box, $"Authorization: Digest username=\"{user}\", realm=\"example.net\", nonce=\"{nonce}\", " +
            $"uri=\"sip:example.net\", response=\"{response}\", algorithm={(sha256 ? "SHA-256" : "MD5")}, qop=auth, " +
            "nc=00000001, cnonce=\"c\"\r\n");
        Answer = await _socket.ReceiveAsync("SIP/2.0");
        return int.Parse(Answer[8..11]);
    }

    private void Send(IPEndPoint box, string credentials) => _socket.Send(
        "REGISTER sip:example.net SIP/2.0\r\n" +
        $"Via: SIP/2.0/UDP 127.0.0.1:{_socket.Port};rport;branch=z9hG4bK{user}{++_number}\r\n" +
        $"Max-Forwards: 70\r\nFrom: <sip:{user}@example.net>;tag=1\r\nTo: <sip:{user}@example.net>\r\n" +
        $"Call-ID: {user}{_socket.Port}\r\nCSeq: {_number} REGISTER\r\n" +
        $"Contact: <sip:{user}@10.1.2.3:{_socket.Port}>{Contact}{credentials}Content-Length: 0\r\n\r\n", box);

    private static string Hash(string text, bool sha256)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(sha256 ? SHA256.HashData(bytes) : MD5.HashData(bytes));
    }
}
