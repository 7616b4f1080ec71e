using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Sbc.Tests.Program.Registrations;

/// <summary>Hundreds of users behind one socket, that register at a real program one after the other.</summary>
internal sealed class PhoneBank(IPEndPoint box) : IDisposable
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(20);

    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private int _cseq;

    public int Port => ((IPEndPoint)_socket.Client.LocalEndPoint!).Port;

    /// <summary>user0 and on, each with its name as password, as YAML has them.</summary>
    public static string Users(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"    - {{user: user{i}, password: user{i}}}\n"));

    /// <summary>Registers one user, for ten minutes.</summary>
    public async Task RegisterAsync(int number)
    {
        string challenge = await AskAsync(Register(number, ""), "SIP/2.0 401");
        string nonce = challenge.Split("nonce=\"")[1].Split('"')[0];
        string answer = Hash($"{Hash($"user{number}:example.net:user{number}")}:{nonce}:00000001:c:auth:"
            + Hash("REGISTER:sip:example.net"));
        await AskAsync(Register(number, $"Authorization: Digest username=\"user{number}\", realm=\"example.net\", "
            + $"nonce=\"{nonce}\", uri=\"sip:example.net\", response=\"{answer}\", algorithm=SHA-256, qop=auth, "
            + "nc=00000001, cnonce=\"c\"\r\n"), "SIP/2.0 200");
    }

    /// <summary>A MESSAGE to a user, which has to come back here.</summary>
    public Task<string> CallAsync(int number) => AskAsync($"""
        MESSAGE sip:user{number}@example.net SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:{Port};rport;branch=z9hG4bK{_run}m{++_cseq}
        Max-Forwards: 70
        From: <sip:caller@example.net>;tag=1
        To: <sip:user{number}@example.net>
        Call-ID: {_run}m{_cseq}
        CSeq: 1 MESSAGE
        Content-Length: 0


        """, $"MESSAGE sip:user{number}@10.1.2.3 SIP/2.0");

    private string Register(int number, string credentials) => $"""
        REGISTER sip:example.net SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:{Port};rport;branch=z9hG4bK{_run}r{++_cseq}
        Max-Forwards: 70
        From: <sip:user{number}@example.net>;tag=1
        To: <sip:user{number}@example.net>
        Call-ID: {_run}
        CSeq: {_cseq} REGISTER
        Contact: <sip:user{number}@10.1.2.3>;expires=600
        {credentials}Content-Length: 0


        """;

    /// <summary>Sends, and waits for what begins so; what is lost is sent again.</summary>
    private async Task<string> AskAsync(string message, string expected)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(message.ReplaceLineEndings("\r\n"));
        long end = Environment.TickCount64 + (long)AnswerMax.TotalMilliseconds;
        string last = "";
        while (Environment.TickCount64 < end)
        {
            _socket.Send(bytes, box);
            using var again = new CancellationTokenSource(1000);
            try
            {
                while (true)
                {
                    UdpReceiveResult result = await _socket.ReceiveAsync(again.Token);
                    last = Encoding.ASCII.GetString(result.Buffer);
                    if (last.StartsWith(expected, StringComparison.Ordinal)) return last;
                }
            }
            catch (Exception nothing) when (nothing is OperationCanceledException or SocketException)
            {
                // Once more; the box may not be up yet.
            }
        }
        throw new TimeoutException($"no {expected}, but\n{last}");
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));

    public void Dispose() => _socket.Dispose();
}
