using System.Net.Http.Headers;
using System.Text.Json;

namespace Sbc.Program.Admin;

/// <summary>What the admin interface answered.</summary>
public sealed record AdminReply(int Status, string Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The reason of a refusal, line by line.</summary>
    public IReadOnlyList<string> Reasons()
    {
        try
        {
            if (JsonSerializer.Deserialize(Body, AdminJson.Default.ErrorReport) is { Error: not null } report)
                return [report.Error, .. (report.Problems ?? []).Select(problem => problem.ToString())];
        }
        catch (JsonException)
        {
            // Something else than sbc listens there.
        }
        return [$"the answer is {Status}, and not one of sbc's admin interface"];
    }
}

/// <summary>The other side of the admin interface, for the command line.</summary>
public sealed class AdminClient : IDisposable
{
    /// <summary>Longer than a reload may wait for its workers.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;

    public AdminClient(Uri url, string? token)
    {
        // A proxy of the environment is meant for other things than this machine.
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = url, Timeout = AnswerMax };
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <exception cref="HttpRequestException">Nobody answers there.</exception>
    /// <exception cref="TaskCanceledException">No answer in time.</exception>
    public async Task<AdminReply> SendAsync(HttpMethod method, string path, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(method, path);
        using HttpResponseMessage response = await _http.SendAsync(request, stop);
        return new AdminReply((int)response.StatusCode, await response.Content.ReadAsStringAsync(stop));
    }

    public void Dispose() => _http.Dispose();
}
