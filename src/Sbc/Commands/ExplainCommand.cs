using System.CommandLine;
using System.Text;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Program.Configuration;
using Sbc.Program.Explaining;
using Sbc.Program.Serving;
using Sbc.Runtime;
using Sbc.Sip;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Program.Commands;

/// <summary>
/// <c>sbc explain</c>: what would happen to a message, by the code that serves. 0 when it is forwarded or answered, 1
/// when it is refused.
/// </summary>
public static class ExplainCommand
{
    public static Command Create()
    {
        var file = new Option<string>("--config") { Description = "The configuration to explain by", Required = true };
        var from = new Option<string>("--from") { Description = "The realm it comes in at", Required = true };
        var source = new Option<string>("--source") { Description = "IP:PORT it comes from; without it, its Via" };
        var message = new Argument<string>("MESSAGE") { Description = "A file with the message" };
        var command = new Command("explain", "Say what would happen to a message") { file, from, source, message };
        command.SetAction((parsed, _) => RunAsync(
            parsed.GetValue(file)!, parsed.GetValue(from)!, parsed.GetValue(source), parsed.GetValue(message)!,
            new SystemFacts(), parsed.InvocationConfiguration.Output));
        return command;
    }

    public static async Task<int> RunAsync(
        string file, string from, string? source, string messageFile, ISystemFacts facts, TextWriter output)
    {
        ConfigLoad load = ConfigFile.Load(file, facts);
        if (load.Config is not { } config)
        {
            foreach (FileProblem problem in load.Problems) output.WriteLine(problem);
            return 1;
        }
        if (config.FindRealm(from) is not { } realm)
        {
            output.WriteLine($"there is no realm \"{from}\""
                + NearestName.Hint(from, [.. config.Realms.Select(r => r.Name)]));
            return 1;
        }
        byte[] message;
        try
        {
            message = await File.ReadAllBytesAsync(messageFile);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            output.WriteLine($"the message cannot be read: {broken.Message}");
            return 1;
        }
        if (!TrySource(source, message, out TransportAddress address))
        {
            output.WriteLine(source is null ? "its Via names no address; write --source IP:PORT"
                : $"\"{source}\" is no address; write one such as 203.0.113.7:5060");
            return 1;
        }
        IReadOnlyDictionary<string, IReadOnlyList<PeerLocation>> locations = await PeerLocations.AskOnceAsync(config);
        return new Explanation(config, locations).Write(realm, address, message, output) ? 0 : 1;
    }

    private static bool TrySource(string? written, byte[] bytes, out TransportAddress source)
    {
        source = default;
        if (written is not null)
        {
            return HostPort.TryParse(written, 5060, out HostPort hostPort, out _) &&
                TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(hostPort.Host), hostPort.Port, out source);
        }
        var message = new SipMessage();
        if (bytes.Length > SipLimits.MessageBytesMax) return false;
        message.Parse(bytes, 0, bytes.Length);
        return ViaValue.TryParse(message.Value(HeaderName.Via), out ViaValue via) &&
            TransportAddress.TryParseHost(via.Host, via.Port == 0 ? 5060 : via.Port, out source);
    }
}
