using System.Text;
using Sbc.Engine.Config;
using Sbc.Runtime;

namespace Sbc.Program.Configuration;

/// <summary>The small sections of the root, each to its record.</summary>
internal static class ServiceBinder
{
    public static GuardConfig Guard(MappingReader map)
    {
        var guard = new GuardConfig
        {
            Kernel = map.Word("kernel", ConfigWords.Kernel) ?? KernelUse.Auto,
            BanSeconds = map.Whole("ban_seconds"),
            BanSecondsMax = map.Whole("ban_seconds_max"),
        };
        map.Done();
        return guard;
    }

    public static MediaConfig Media(MappingReader map)
    {
        var media = new MediaConfig { Datapath = map.Word("datapath", ConfigWords.Datapath) ?? MediaDatapath.Auto };
        map.Done();
        return media;
    }

    public static TimersConfig Timers(MappingReader map)
    {
        var defaults = new TimersConfig();
        var timers = new TimersConfig
        {
            T1Ms = map.Whole("t1_ms") ?? defaults.T1Ms,
            T2Ms = map.Whole("t2_ms") ?? defaults.T2Ms,
            T4Ms = map.Whole("t4_ms") ?? defaults.T4Ms,
            RingingSecondsMax = map.Whole("ringing_seconds_max") ?? defaults.RingingSecondsMax,
            DurationSecondsMax = map.Whole("duration_seconds_max") ?? defaults.DurationSecondsMax,
            DialogProbeSeconds = map.Whole("dialog_probe_seconds") ?? defaults.DialogProbeSeconds,
        };
        map.Done();
        return timers;
    }

    public static DnsConfig Dns(MappingReader map)
    {
        var dns = new DnsConfig { Servers = map.List<TransportAddress>("servers", ParseServer, single: true) };
        map.Done();
        return dns;
    }

    public static ForwardConfig Forward(MappingReader map)
    {
        var forward = new ForwardConfig { Key = map.Secret("key") };
        map.Done();
        return forward;
    }

    private static bool ParseServer(string text, out TransportAddress server, out string error)
    {
        server = default;
        const int DnsPort = 53;
        if (!HostPort.TryParse(text, DnsPort, out HostPort hostPort, out error)) return false;
        byte[] host = Encoding.ASCII.GetBytes(hostPort.Host);
        if (TransportAddress.TryParseHost(host, hostPort.Port, out server)) return true;
        error = $"\"{text}\" is no address of a DNS server; write one such as 10.0.0.53";
        return false;
    }

    public static DrainConfig Drain(MappingReader map)
    {
        var drain = new DrainConfig { SecondsMax = map.Whole("seconds_max") ?? new DrainConfig().SecondsMax };
        map.Done();
        return drain;
    }

    /// <summary>Null for an empty section, which asks for nothing.</summary>
    public static RecordsConfig? Records(MappingReader map)
    {
        string? file = map.File("file");
        map.Done();
        return file is null ? null : new RecordsConfig { File = file };
    }

    public static AdminConfig Admin(MappingReader map)
    {
        ISystemFacts facts = map.Reading.Facts;
        AdminConfig admin = map.Parsed("listen", (string text, out AdminConfig value, out string error) =>
            AdminConfig.TryParseListen(text, facts, out value!, out error)) ?? new AdminConfig();
        admin = admin with
        {
            Token = map.Secret("token"),
            Tls = map.Mapping("tls") is { } tls ? Certificate(tls) : null,
        };
        map.Done();
        return admin;
    }

    public static LogConfig Log(MappingReader map)
    {
        var log = new LogConfig
        {
            Level = map.Word("level", ConfigWords.LogLevel) ?? LogLevel.Info,
            Format = map.Word("format", ConfigWords.LogFormat) ?? LogFormat.Auto,
        };
        map.Done();
        return log;
    }

    /// <summary>Null when one of its two files is missing (reported).</summary>
    public static CertificateConfig? Certificate(MappingReader map)
    {
        string? certificate = map.File("certificate");
        string? key = map.File("key_file");
        map.Done();
        if (certificate is not null && key is not null) return new CertificateConfig(certificate, key);
        map.Fail("a certificate needs both files: {certificate: FILE, key_file: FILE}");
        return null;
    }
}
