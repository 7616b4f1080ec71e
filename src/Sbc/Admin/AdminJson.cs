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
public sealed partial class AdminJson : JsonSerializerContext;
