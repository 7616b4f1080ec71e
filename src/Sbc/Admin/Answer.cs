using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Sbc.Program.Admin;

/// <summary>Writes an answer of the admin interface.</summary>
internal static class Answer
{
    public static Task JsonAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type) =>
        BytesAsync(context, status, "application/json", JsonSerializer.SerializeToUtf8Bytes(value, type));

    public static Task ErrorAsync(HttpContext context, int status, string error) =>
        JsonAsync(context, status, new ErrorReport(error), AdminJson.Readable.ErrorReport);

    public static async Task BytesAsync(HttpContext context, int status, string type, ReadOnlyMemory<byte> bytes)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
