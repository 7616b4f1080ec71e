using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>An entry of <c>peers</c> to <see cref="PeerConfig"/>.</summary>
internal static class PeerBinder
{
    public static PeerConfig Bind(string name, MappingReader map)
    {
        var peer = new PeerConfig
        {
            Name = name,
            Realm = map.Text("realm") ?? "",
            Uri = map.Parsed<PeerUri>("uri", (string text, out PeerUri uri, out string error) =>
                PeerUri.TryParse(text, out uri!, out error)),
            Trust = map.Word("trust", ConfigWords.Trust),
            Source = map.List<IPPrefix>("source", IPPrefix.TryParse, single: true),
            Auth = map.Mapping("auth") is { } auth ? Auth(auth) : null,
            CallsMax = map.Whole("calls_max"),
            CallsPerSecond = map.Whole("calls_per_second"),
        };
        map.Done();
        return peer;
    }

    private static PeerAuthConfig Auth(MappingReader map)
    {
        var auth = new PeerAuthConfig
        {
            User = map.Text("user") ?? "",
            Password = map.Secret("password"),
            Realm = map.Text("realm"),
            ExpiresSeconds = map.Whole("expires_seconds") ?? 3600,
            Register = map.Flag("register") ?? false,
        };
        map.Done();
        return auth;
    }
}
