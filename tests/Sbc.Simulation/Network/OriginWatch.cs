using System.Globalization;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>
/// Reads o= of every description that leaves an address: within a dialog its version goes up by one with each change
/// and never without one (RFC 3264 8). What was sent before may come again, as any message may.
/// </summary>
public sealed class OriginWatch
{
    private const int ProblemsMax = 20;

    private readonly string _from;
    private readonly Dictionary<(string Dialog, string Session), List<(long Version, string Text)>> _sent = [];
    private readonly List<string> _problems = [];

    /// <param name="from">The address that is watched, as it is written.</param>
    public OriginWatch(VirtualNetwork network, string from)
    {
        _from = from;
        network.Sent += Look;
    }

    public long DescriptionsWatched { get; private set; }

    public IReadOnlyList<string> Problems => _problems;

    private void Look(Datagram datagram)
    {
        if (datagram.From.ToString() != _from || datagram.Bytes.AsSpan().IndexOf("\r\nv=0\r\n"u8) < 0) return;
        if (!SipMessage.TryParse(datagram.Bytes, out SipMessage message, out _)) return;
        // What a refusal or OPTIONS says is no description of the session.
        if (message.Status >= 300 || message.CSeqMethod == "OPTIONS") return;
        string body = message.Body[message.Body.IndexOf("v=0\r\n", StringComparison.Ordinal)..];
        string origin = body.Split("\r\n").First(line => line.StartsWith("o=", StringComparison.Ordinal));
        string[] words = origin.Split(' ');
        string text = body.Replace(origin, "", StringComparison.Ordinal);
        // A part's end belongs to the message.
        int boundary = text.IndexOf("\r\n--", StringComparison.Ordinal);
        if (boundary >= 0) text = text[..boundary];
        long version = long.Parse(words[2], CultureInfo.InvariantCulture);
        // Of requests the From tag is ours, of responses the To tag: on one side the dialogs of a fork share it.
        string[] tags = [message.FromTag, message.ToTag];
        string dialog = $"{message.CallId} {tags[message.IsRequest ? 0 : 1]} {tags[message.IsRequest ? 1 : 0]}";
        DescriptionsWatched++;
        if (!_sent.TryGetValue((dialog, words[1]), out List<(long Version, string Text)>? sent))
        {
            _sent.Add((dialog, words[1]), [(version, text)]);
            return;
        }
        if (sent.Contains((version, text))) return;
        (long lastVersion, string lastText) = sent[^1];
        sent.Add((version, text));
        if ((version == lastVersion + 1 && text != lastText) || _problems.Count >= ProblemsMax) return;
        _problems.Add($"o= went from {lastVersion} to {version} with\n{lastText}---\n{text}---\n{datagram}");
    }
}
