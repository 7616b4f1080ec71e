using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>The root of the file to <see cref="SbcConfig"/>; the larger sections have a binder each.</summary>
internal static class ConfigBinder
{
    public static SbcConfig Bind(ValueReader root)
    {
        MappingReader map = root.Mapping();
        var config = new SbcConfig
        {
            Workers = Workers(map, "workers"),
            MediaWorkers = Workers(map, "media_workers"),
            Realms = [.. map.Named("realms").Select(entry => RealmBinder.Bind(entry.Name, entry.Value.Mapping()))],
            Peers = [.. map.Named("peers").Select(entry => PeerBinder.Bind(entry.Name, entry.Value.Mapping()))],
            Groups = [.. map.Named("groups").Select(entry => GroupBinder.Bind(entry.Name, entry.Value.Mapping()))],
            Tables = [.. map.Named("tables")
                .Select(entry => TableBinder.Bind(entry.Name, entry.Value.Mapping())).OfType<TableConfig>()],
            Routes = [.. map.Items("routes").Select((item, i) => RouteBinder.Bind(i, item.Mapping()))],
            Registrar = map.Mapping("registrar") is { } registrar ? RegistrarBinder.Bind(registrar) : null,
            Guard = ServiceBinder.Guard(map.Section("guard")),
            Emergency = map.Texts("emergency"),
            Media = ServiceBinder.Media(map.Section("media")),
            Dns = ServiceBinder.Dns(map.Section("dns")),
            Forward = ServiceBinder.Forward(map.Section("forward")),
            Timers = ServiceBinder.Timers(map.Section("timers")),
            Drain = ServiceBinder.Drain(map.Section("drain")),
            Records = map.Mapping("records") is { } records ? ServiceBinder.Records(records) : null,
            HepGiven = map.Mapping("hep") is { } hep && hep.Entries().Count > 0,
            Admin = ServiceBinder.Admin(map.Section("admin")),
            Log = ServiceBinder.Log(map.Section("log")),
        };
        map.Done();
        return config;
    }

    /// <summary>Null is auto.</summary>
    private static int? Workers(MappingReader map, string key)
    {
        if (map.Value(key) is not { } value) return null;
        return value.IsWord("auto") ? null : value.Whole("auto or a whole number");
    }
}
