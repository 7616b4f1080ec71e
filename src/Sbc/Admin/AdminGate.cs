using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sbc.Engine.Config;
using Sbc.Program.Logging;

namespace Sbc.Program.Admin;

/// <summary>What every request passes: who may ask, and errors that are JSON whoever made them.</summary>
internal sealed class AdminGate(Func<Secret?> token, LogThread log)
{
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        // Health is asked by what has no token and learns nothing.
        bool isHealth = request.Path.Value is "/healthz" or "/readyz";
        if (!isHealth && token() is { } secret && !Carries(request, secret))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await Answer.ErrorAsync(context, 401, "a bearer token is needed: Authorization: Bearer TOKEN");
            return;
        }
        // A page in a browser on this machine can post to loopback without asking; nothing else sends Origin.
        if (!HttpMethods.IsGet(request.Method) && request.Headers.Origin.Count > 0)
        {
            await Answer.ErrorAsync(context, 403, "a browser's page may not change anything here");
            return;
        }
        await HandleAsync(context, next);
    }

    private async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (Exception broken)
        {
            // Everything: what an operator asks must never end the calls.
            log.Write(new LogLine(
                LogLevel.Error, "admin_error", $"admin: {context.Request.Path} failed: {broken}"));
            if (!context.Response.HasStarted) context.Response.StatusCode = 500;
        }
        if (context.Response.HasStarted || context.Response.StatusCode < 400) return;
        int status = context.Response.StatusCode;
        await Answer.ErrorAsync(context, status, status switch
        {
            404 => "there is no such page",
            405 => $"{context.Request.Method} is not allowed here; allowed: {context.Response.Headers.Allow}",
            _ => "the request failed; the log says why",
        });
    }

    /// <summary>In a time that does not tell how much of it is right: digests of one length are compared.</summary>
    private static bool Carries(HttpRequest request, Secret secret)
    {
        const string Scheme = "Bearer ";
        string given = request.Headers.Authorization.ToString();
        if (!given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        byte[] left = SHA256.HashData(Encoding.UTF8.GetBytes(given[Scheme.Length..].Trim()));
        byte[] right = SHA256.HashData(Encoding.UTF8.GetBytes(secret.Value));
        return CryptographicOperations.FixedTimeEquals(left, right);
    }
}
