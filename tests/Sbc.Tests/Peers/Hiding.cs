using System.Text;
using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>What a capture of both sides of the box gives away.</summary>
public static class Hiding
{
    /// <summary>
    /// Looks through every byte of SIP to and from the core's listener for the edge's words, and of the edge's for
    /// the core's, and through what the box sends to the edge for what it never tells there. The answer is how many
    /// datagrams were looked through on each side.
    /// </summary>
    public static (int Edge, int Core) Check(string file, string[] ofTheEdge, string[] ofTheCore, params string[] never)
    {
        int edge = 0, core = 0;
        foreach (CapturedDatagram datagram in Pcap.Read(file))
        {
            if (datagram.FromPort != 5060 && datagram.ToPort != 5060) continue;
            string text = Encoding.Latin1.GetString(datagram.Payload);
            bool isEdge = datagram.From == PeerLab.Edge || datagram.To == PeerLab.Edge;
            if (isEdge) edge++;
            else core++;
            foreach (string word in isEdge ? ofTheCore : ofTheEdge)
                Assert.False(text.Contains(word, StringComparison.Ordinal), $"{word} on the other side, in:\n{text}");
            foreach (string word in datagram.From == PeerLab.Edge ? never : [])
                Assert.False(text.Contains(word, StringComparison.Ordinal), $"{word} told to the edge, in:\n{text}");
        }
        return (edge, core);
    }
}
