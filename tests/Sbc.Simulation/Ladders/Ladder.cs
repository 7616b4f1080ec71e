using System.Text;
using Sbc.Runtime;

namespace Sbc.Simulation;

/// <summary>A scenario as its messages, in text, against what runs in a simulator; it reads like RFC 3665.</summary>
/// <example><code>
/// alice -> box: F1 INVITE
///   INVITE sip:bob@{box} SIP/2.0
///   Via: SIP/2.0/UDP {alice};branch=z9hG4bK{+b1}
///   ...
/// proxy &lt;- box: F2 INVITE within 100 ms
///   INVITE sip:bob@{proxy} SIP/2.0
///   Via: SIP/2.0/UDP {core};branch={branch}*
///   !Via
/// proxy -> core: F3 180 Ringing
///   SIP/2.0 180 Ringing
///   [F2 Via From Call-ID CSeq]
///   To: {F2.To};tag={+t}
/// alice &lt;- box optional: 100
///   SIP/2.0 100 *
/// alice &lt;- box: nothing within 500 ms
/// wait 200 ms
/// </code></example>
public sealed class Ladder
{
    private readonly Simulator _simulator;
    private readonly LadderVariables _variables;
    private readonly Dictionary<string, LadderHost> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TransportAddress> _peers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SipMessage> _messages = new(StringComparer.Ordinal);
    private readonly StringBuilder _story = new();
    private int _tokens;

    public Ladder(Simulator simulator)
    {
        _simulator = simulator;
        _variables = new LadderVariables(name => $"{name}-{++_tokens}");
    }

    /// <summary>Whether what is received must obey <see cref="MessageRules"/>.</summary>
    public bool Strict { get; set; } = true;

    /// <summary>The story so far: every message with its time.</summary>
    public string Story => _story.ToString();

    /// <summary>A party that the text plays: {name} is host:port, {name.host} and {name.port} its parts.</summary>
    public Ladder Host(string name, string address)
    {
        TransportAddress local = Address.Of(address);
        _hosts.Add(name, new LadderHost(_simulator, local));
        return Name(name, local);
    }

    /// <summary>An address of what is tested.</summary>
    public Ladder Peer(string name, string address)
    {
        _peers.Add(name, Address.Of(address));
        return Name(name, _peers[name]);
    }

    /// <summary>What was captured, or a token that was made.</summary>
    public string Value(string name) => _variables[name];

    public void Set(string name, string value) => _variables[name] = value;

    /// <summary>The body of a message that was sent or received under a label.</summary>
    public string BodyOf(string label) => _messages[label].Body;

    /// <summary>What is matched next under that name is captured anew.</summary>
    public void Forget(string name) => _variables.Forget(name);

    /// <summary>Whether a host has received something that no step has taken.</summary>
    public bool Has(string host, string peer) => _hosts[host].Has(_peers[peer]);

    /// <summary>Plays the text. May be called again: names stay known.</summary>
    public Ladder Run(string text)
    {
        foreach (LadderStep step in LadderStep.ParseAll(text)) Play(step);
        return this;
    }

    /// <summary>Fails where a host received something that no step has taken.</summary>
    public void ExpectNothingMore(long milliseconds = 0)
    {
        _simulator.RunFor(milliseconds);
        foreach ((string name, LadderHost host) in _hosts)
        {
            if (host.TryTake(null, out Datagram? datagram)) throw Failure($"{name} received more", null, datagram);
        }
    }

    private Ladder Name(string name, in TransportAddress address)
    {
        _variables[name] = address.ToString();
        _variables[$"{name}.host"] = Address.Host(address);
        _variables[$"{name}.port"] = $"{address.Port}";
        return this;
    }

    private void Play(LadderStep step)
    {
        switch (step.Kind)
        {
            case LadderStepKind.Wait:
                _simulator.RunFor(step.Milliseconds);
                break;
            case LadderStepKind.Send:
                Send(step);
                break;
            case LadderStepKind.ExpectNothing:
                _simulator.RunFor(step.Milliseconds);
                if (HostOf(step).TryTake(AddressOf(step), out Datagram? surprise))
                {
                    throw Failure($"{step.Host} received something", step, surprise);
                }
                break;
            default:
                Expect(step);
                break;
        }
    }

    private void Send(LadderStep step)
    {
        string text = Compose(step.Lines);
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        Tell(step.Arrow, text);
        if (SipMessage.TryParse(bytes, out SipMessage message, out _)) Remember(step.Label, message);
        HostOf(step).Send(AddressOf(step), bytes);
    }

    private void Expect(LadderStep step)
    {
        LadderHost host = HostOf(step);
        TransportAddress from = AddressOf(step);
        if (step.Optional && !_simulator.RunUntil(() => host.Has(from), step.Milliseconds)) return;
        if (!_simulator.RunUntil(() => host.Has(from), step.Milliseconds))
        {
            host.TryTake(null, out Datagram? other);
            throw Failure(other == null ? "nothing came" : "something came from elsewhere", step, other);
        }
        Datagram datagram = host.Peek(from)!;
        if (!SipMessage.TryParse(datagram.Bytes, out SipMessage message, out string error))
        {
            throw Failure($"not SIP: {error}", step, datagram);
        }
        string? mismatch = LadderMatch.Mismatch(message, step.Lines, _variables);
        if (mismatch != null)
        {
            // What is optional did not come; what came is for the next step.
            if (step.Optional) return;
            throw Failure(mismatch, step, datagram);
        }
        host.TryTake(from, out _);
        Tell(step.Arrow, datagram.Text);
        Remember(step.Label, message);
        CheckRules(step, message, datagram);
    }

    private void CheckRules(LadderStep step, SipMessage message, Datagram datagram)
    {
        if (!Strict) return;
        var problems = new List<string>();
        MessageRules.Check(message, problems);
        if (problems.Count > 0) throw Failure(string.Join("; ", problems), step, datagram);
    }

    // The first word of a label names the message: {F2.To} is a field of it, [F2 Via To] copies fields.
    private void Remember(string label, SipMessage message)
    {
        string name = label.Split(' ')[0];
        if (name.Length == 0) return;
        _messages[name] = message;
        foreach (HeaderField field in message.Headers.AsEnumerable().Reverse())
        {
            _variables[$"{name}.{field.Name.Replace('-', '_')}"] = field.Value;
        }
        _variables[$"{name}.Uri"] = message.RequestUri;
        _variables[$"{name}.FromTag"] = HeaderValue.Parameter(message.From, "tag") ?? "";
        if (message.ToTag.Length > 0) _variables[$"{name}.ToTag"] = message.ToTag;
        if (message["Contact"] is { } contact) _variables[$"{name}.ContactUri"] = HeaderValue.Uri(contact);
    }

    /// <summary>The message of a template, with Content-Length where the template has none.</summary>
    private string Compose(List<string> lines)
    {
        int empty = lines.FindIndex(line => line.Length == 0);
        int headEnd = empty < 0 ? lines.Count : empty;
        IEnumerable<string> bodyLines = empty < 0 ? [] : lines.Skip(empty + 1);
        string body = string.Concat(bodyLines.Select(line => _variables.Fill(line) + "\r\n"));
        var text = new StringBuilder();
        foreach (string line in lines.Take(headEnd))
        {
            if (line.StartsWith('[') && line.EndsWith(']')) AppendCopies(line[1..^1], text);
            else text.Append(_variables.Fill(line)).Append("\r\n");
        }
        if (!text.ToString().Contains("\r\nContent-Length:", StringComparison.OrdinalIgnoreCase))
        {
            text.Append("Content-Length: ").Append(body.Length).Append("\r\n");
        }
        return text.Append("\r\n").Append(body).ToString();
    }

    private void AppendCopies(string words, StringBuilder text)
    {
        string[] parts = words.Split(' ');
        SipMessage message = _messages.TryGetValue(parts[0], out SipMessage? known)
            ? known
            : throw new FormatException($"no message {parts[0]}");
        foreach (string name in parts.Skip(1))
        {
            foreach (string value in message.All(name)) text.Append(name).Append(": ").Append(value).Append("\r\n");
        }
    }

    private LadderHost HostOf(LadderStep step) =>
        _hosts.TryGetValue(step.Host, out LadderHost? host) ? host : throw new FormatException($"no host {step.Host}");

    private TransportAddress AddressOf(LadderStep step)
    {
        if (_peers.TryGetValue(step.Peer, out TransportAddress peer)) return peer;
        if (_hosts.TryGetValue(step.Peer, out LadderHost? host)) return host.Local;
        throw new FormatException($"no peer {step.Peer}");
    }

    private void Tell(string arrow, string message) =>
        _story.Append(_simulator.Clock.Text).Append("  ").Append(arrow).Append('\n').Append(message).Append('\n');

    private SimulationFailure Failure(string what, LadderStep? step, Datagram? datagram)
    {
        var text = new StringBuilder("the ladder so far:\n").Append(_story);
        text.Append("--- failed: ").Append(what).Append('\n');
        if (step != null) text.Append(step.Arrow).Append('\n').AppendJoin('\n', step.Lines).Append('\n');
        if (datagram != null) text.Append("--- received: ").Append(datagram);
        return _simulator.Failure(text.ToString());
    }
}
