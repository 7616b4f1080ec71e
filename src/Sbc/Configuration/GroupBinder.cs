using System.Globalization;
using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>An entry of <c>groups</c> to <see cref="GroupConfig"/>.</summary>
internal static class GroupBinder
{
    private const string Timeout = "timeout";
    private const string Transport = "transport";

    public static GroupConfig Bind(string name, MappingReader map)
    {
        var group = new GroupConfig
        {
            Name = name,
            Peers = [.. map.Items("peers").Select(Member).OfType<GroupPeerConfig>()],
            Srv = map.Text("srv"),
            Realm = map.Text("realm"),
            Balance = map.Word("balance", ConfigWords.Balance) ?? BalanceMethod.LeastCalls,
            Probe = Probe(map.Section("probe")),
            Failover = Failover(map.Section("failover")),
            Panic = map.Word("panic", ConfigWords.Panic) ?? PanicMode.Refuse,
            CallsMax = map.Whole("calls_max"),
            CallsPerSecond = map.Whole("calls_per_second"),
        };
        map.Done();
        return group;
    }

    private static GroupPeerConfig? Member(ValueReader item)
    {
        if (!item.IsMapping) return item.Text() is { } name ? new GroupPeerConfig { Peer = name } : null;
        MappingReader map = item.Mapping();
        var member = new GroupPeerConfig
        {
            Peer = map.Text("name") ?? "",
            Weight = map.Whole("weight") ?? GroupPeerConfig.WeightDefault,
            Priority = map.Whole("priority") ?? GroupPeerConfig.PriorityDefault,
        };
        map.Done();
        return member;
    }

    private static ProbeConfig Probe(MappingReader map)
    {
        var defaults = new ProbeConfig();
        var probe = new ProbeConfig
        {
            IntervalSeconds = map.Whole("interval_seconds") ?? defaults.IntervalSeconds,
            DownAfter = map.Whole("down_after") ?? defaults.DownAfter,
            UpAfter = map.Whole("up_after") ?? defaults.UpAfter,
            DownOn = map.Value("down_on") is null ? defaults.DownOn : map.List<int>("down_on", ParseStatus),
            SlowStartSeconds = map.Whole("slow_start_seconds") ?? defaults.SlowStartSeconds,
        };
        map.Done();
        return probe;
    }

    private static FailoverConfig Failover(MappingReader map)
    {
        var failover = new FailoverConfig();
        failover = failover with
        {
            SilenceMs = map.Whole("silence_ms") ?? failover.SilenceMs,
            AttemptsMax = map.Whole("attempts_max") ?? failover.AttemptsMax,
        };
        if (map.Value("on") is not null)
        {
            IReadOnlyList<string> causes = map.List<string>("on", ParseCause);
            failover = failover with
            {
                OnStatuses = [.. causes.Where(c => char.IsAsciiDigit(c[0])).Select(
                    c => int.Parse(c, CultureInfo.InvariantCulture))],
                OnTimeout = causes.Contains(Timeout),
                OnTransport = causes.Contains(Transport),
            };
        }
        map.Done();
        return failover;
    }

    private static bool ParseStatus(string text, out int status, out string error)
    {
        error = $"\"{text}\" is no status; write a number such as 503";
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out status);
    }

    private static bool ParseCause(string text, out string cause, out string error)
    {
        cause = text;
        error = $"\"{text}\" is no cause; write a status such as 503, timeout or transport";
        return text is Timeout or Transport || (text.Length == 3 && text.All(char.IsAsciiDigit));
    }
}
