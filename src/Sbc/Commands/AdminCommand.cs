using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Sbc.Engine.Config;
using Sbc.Program.Admin;

namespace Sbc.Program.Commands;

/// <summary>A command that asks a running box: 0 when it did as asked, 1 with the reason.</summary>
public static class AdminCommand
{
    private static readonly string UrlDefault = $"http://127.0.0.1:{AdminConfig.PortDefault}";

    /// <param name="show">How a person reads the answer; --json prints it as it came.</param>
    public static Command Create<T>(
        string name, string description, HttpMethod method, string path, JsonTypeInfo<T> type, Action<T, Screen> show)
        where T : class => Create(name, description, _ => method, _ => path, type, show);

    /// <summary>One whose options say what is asked.</summary>
    public static Command Create<T>(
        string name, string description, Func<ParseResult, HttpMethod> method, Func<ParseResult, string> path,
        JsonTypeInfo<T> type, Action<T, Screen> show)
        where T : class
    {
        var url = new Option<string>("--admin")
        {
            Description = "Where the admin interface is", DefaultValueFactory = _ => UrlDefault,
        };
        var json = new Option<bool>("--json") { Description = "Print the answer as it came" };
        var tokenFile = new Option<string?>("--token-file") { Description = "A file that holds the bearer token" };
        var command = new Command(name, description) { url, json, tokenFile };
        command.SetAction(async (parsed, stop) =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output, error = parsed.InvocationConfiguration.Error;
            AdminReply? reply = await AskAsync(
                parsed.GetValue(url)!, parsed.GetValue(tokenFile), method(parsed), path(parsed), error, stop);
            if (reply is null) return 1;
            bool isTerminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
            return Print(reply, parsed.GetValue(json), type, show, new Screen(output, isTerminal), error);
        });
        return command;
    }

    /// <summary>Null where nobody answered; why was said then.</summary>
    private static async Task<AdminReply?> AskAsync(
        string url, string? tokenFile, HttpMethod method, string path, TextWriter error, CancellationToken stop)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            error.WriteLine($"sbc: \"{url}\" is no admin address; write {UrlDefault}");
            return null;
        }
        try
        {
            string? token = tokenFile is null ? null : (await File.ReadAllTextAsync(tokenFile, stop)).Trim();
            using var client = new AdminClient(address, token);
            return await client.SendAsync(method, path, stop);
        }
        catch (HttpRequestException broken)
        {
            error.WriteLine($"sbc: nobody answers at {url}: {broken.Message}; --admin URL asks elsewhere");
        }
        catch (OperationCanceledException)
        {
            error.WriteLine($"sbc: no answer from {url} in time");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or FormatException)
        {
            error.WriteLine($"sbc: the token cannot be read from {tokenFile}: {broken.Message}");
        }
        return null;
    }

    private static int Print<T>(
        AdminReply reply, bool asJson, JsonTypeInfo<T> type, Action<T, Screen> show, Screen screen, TextWriter error)
        where T : class
    {
        if (!reply.IsSuccess)
        {
            if (asJson) screen.Line(reply.Body);
            IReadOnlyList<string> reasons = reply.Reasons();
            error.WriteLine($"sbc: {reasons[0]}");
            foreach (string reason in reasons.Skip(1)) error.WriteLine(reason);
            return 1;
        }
        try
        {
            T report = JsonSerializer.Deserialize(reply.Body, type) ?? throw new JsonException("it is null");
            if (asJson) screen.Line(reply.Body);
            else show(report, screen);
            return 0;
        }
        catch (JsonException broken)
        {
            error.WriteLine($"sbc: the answer is not one of sbc's admin interface: {broken.Message}");
            return 1;
        }
    }
}
