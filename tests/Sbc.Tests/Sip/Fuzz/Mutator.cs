using System.Text;
using Sbc.Simulation;

namespace Sbc.Tests.Sip.Fuzz;

/// <summary>Spoils messages by a seed: bytes, ranges, tokens of the grammar, pieces of other messages.</summary>
/// <param name="tokens">Pieces of grammar to insert; SIP's where nothing is said.</param>
internal sealed class Mutator(ulong seed, IReadOnlyList<byte[]> messages, IReadOnlyList<byte[]>? tokens = null)
{
    private static readonly byte[][] Tokens =
    [.. new[]
    {
        "\r\n", "\n", "\r", "\r\n ", "\r\n\r\n", "\0", "\\\0", " ", "\t", ":", ";", ",", "<", ">", "\"", "\\\"", "@",
        "[", "]", "=", "?", "/", "%00", "SIP/2.0", "sip:", "sips:", "tel:", "sip:[::1]", "[1:::1.2.3.4]", ":65536",
        ":0", "Via: ", "v:",
        "Content-Length: 4294967296\r\n", "l: 0\r\n", "Content-Length: -1\r\n", "CSeq: 2147483648 INVITE\r\n",
        ";branch=z9hG4bK", ";tag=", ";rport", ";lr", "To: <sip:x>\r\n", "m: *\r\n", "\u00ff", "99999999999999999999",
        "Require: nothing, of, this\r\n", "Content-Type: multipart/mixed;boundary=b\r\n", "\r\n--b\r\n",
        "\r\n--b--\r\n", "--", "\"x\"", ";x=\"", "\\", "tel:+1;ext=2", "*", "_", ";tag", "\u00c3\u00bc", "\f",
        "Max-Forwards: 0\r\n", "BYE ", "CANCEL ", "ACK ", "SIP/2.0 200 OK\r\n",
    }.Select(Encoding.Latin1.GetBytes)];

    private readonly Xoshiro _random = new(seed);

    public byte[] Next()
    {
        var bytes = new List<byte>(_random.Pick(messages));
        for (long edits = _random.Below(4); edits >= 0; edits--)
        {
            // Half of the edits hit the first lines: that is where the decisions are made.
            int reach = bytes.Count == 0 ? 1 : _random.Chance(0.5) ? Math.Min(bytes.Count, 500) : bytes.Count;
            Edit(bytes, (int)_random.Below(reach));
        }
        return [.. bytes];
    }

    private void Edit(List<byte> bytes, int at)
    {
        int rest = bytes.Count - at;
        switch (_random.Below(8))
        {
            case 0 when rest > 0:
                bytes[at] = (byte)_random.Next();
                break;
            case 1 when rest > 0:
                bytes[at] ^= (byte)(1 << (int)_random.Below(8));
                break;
            case 2 when rest > 0:
                bytes.RemoveRange(at, (int)_random.Below(Math.Min(rest, 40)) + 1);
                break;
            case 3 when rest > 0:
                bytes.RemoveRange(at, rest);
                break;
            case 4 when rest > 0:
                bytes.InsertRange(at, bytes.GetRange(at, (int)_random.Below(Math.Min(rest, 200)) + 1));
                break;
            case 5:
                byte[] other = _random.Pick(messages);
                int from = (int)_random.Below(other.Length);
                int length = (int)_random.Below(Math.Min(other.Length - from, 300));
                bytes.InsertRange(at, other.AsSpan(from, length).ToArray());
                break;
            default:
                bytes.InsertRange(at, _random.Pick(tokens ?? Tokens));
                break;
        }
        // What is longer than a datagram never arrives.
        if (bytes.Count > 60_000) bytes.RemoveRange(60_000, bytes.Count - 60_000);
    }
}
