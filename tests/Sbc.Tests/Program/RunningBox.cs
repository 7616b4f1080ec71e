using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Sbc.Engine.Config;
using Sbc.Program.Configuration;
using Sbc.Program.Serving;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Program;

/// <summary>The whole program on loopback, on ports of the system, and a client of its admin interface.</summary>
public sealed class RunningBox : IAsyncDisposable
{
    private static readonly TimeSpan PollMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    private readonly ScratchFolder _folder;
    private readonly HttpClient _http;

    private RunningBox(ScratchFolder folder, string file, Server server, LineSink log)
    {
        _folder = folder;
        File = file;
        Server = server;
        Log = log;
        _http = new HttpClient { BaseAddress = new Uri(server.Admin.Url) };
    }

    public string File { get; }

    public Server Server { get; }

    public LineSink Log { get; }

    public string Url => Server.Admin.Url;

    public IPEndPoint Listener(int index) => new(IPAddress.Loopback, Server.Listeners.Sockets.ElementAt(index).Local.Port);

    public static async Task<RunningBox> StartAsync(string yaml, params (string Name, string Text)[] files)
    {
        var folder = new ScratchFolder();
        foreach ((string name, string text) in files) folder.Write(name, text);
        string file = folder.Write("sbc.yaml", yaml);
        var source = new ConfigSource(file, new FixedFacts());
        ConfigLoad load = source.Load();
        Assert.Equal([], load.Problems.Where(p => p.Severity == ConfigSeverity.Error).Select(p => p.ToString()));
        var log = new LineSink();
        var server = new Server(
            source, load.Config!, log, isTerminal: false, broken => Environment.FailFast("a worker failed", broken));
        await server.StartAsync();
        return new RunningBox(folder, file, server, log);
    }

    public void Write(string yaml) => System.IO.File.WriteAllText(File, yaml);

    public Task<(int Status, string Body)> GetAsync(string path, string? token = null) =>
        SendAsync(HttpMethod.Get, path, token);

    public Task<(int Status, string Body)> PostAsync(string path, string? token = null) =>
        SendAsync(HttpMethod.Post, path, token);

    public async Task<(int Status, string Body)> SendAsync(
        HttpMethod method, string path, string? token = null, string? origin = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (origin is not null) request.Headers.Add("Origin", origin);
        using HttpResponseMessage response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> JsonAsync(string path)
    {
        (int status, string body) = await GetAsync(path);
        Assert.Equal(200, status);
        using JsonDocument document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }

    /// <summary>The value of a series as the metrics page writes it; null without it.</summary>
    public async Task<string?> MetricAsync(string series)
    {
        (_, string page) = await GetAsync("/metrics");
        return page.Split('\n').FirstOrDefault(line => line.StartsWith(series + " "))?[(series.Length + 1)..];
    }

    public static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        long deadline = Environment.TickCount64 + (long)PollMax.TotalMilliseconds;
        while (!await holds())
        {
            Assert.True(Environment.TickCount64 < deadline, $"{what} did not come true");
            await Task.Delay(Look);
        }
    }

    public Task UntilLoggedAsync(string part) =>
        UntilAsync(() => Task.FromResult(Log.Lines.Any(line => line.Contains(part))), $"a log line with {part}");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }
}
