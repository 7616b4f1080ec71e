using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sbc.Program.Admin;

/// <summary>The JSON of the admin interface, on both of its sides, made at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(StatusReport))]
[JsonSerializable(typeof(CallsReport))]
[JsonSerializable(typeof(PeersReport))]
[JsonSerializable(typeof(PeerReport))]
[JsonSerializable(typeof(ReloadReport))]
[JsonSerializable(typeof(DrainReport))]
[JsonSerializable(typeof(RegistrationsReport))]
public sealed partial class AdminJson : JsonSerializerContext
{
    /// <summary>With angle brackets and quotes as they are, for SIP URIs are full of them. The answers are
    /// application/json, which a browser does not take for a page.</summary>
    public static readonly AdminJson Readable = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
