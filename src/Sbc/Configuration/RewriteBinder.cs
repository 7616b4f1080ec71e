using System.Globalization;
using Sbc.Engine.Config;
using Sbc.Engine.Rewriting;

namespace Sbc.Program.Configuration;

/// <summary><c>rewrite</c> of a route to <see cref="RewriteConfig"/>.</summary>
internal static class RewriteBinder
{
    private static readonly (string Key, RewriteAction Action)[] Actions =
    [
        ("set", RewriteAction.Set), ("add", RewriteAction.Add), ("remove", RewriteAction.Remove),
        ("replace", RewriteAction.Replace),
    ];

    public static RewriteConfig Bind(MappingReader map)
    {
        var statuses = new Dictionary<int, int>();
        foreach ((string from, ValueReader to) in map.Named("status"))
        {
            if (!int.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out int code))
                to.Fail($"\"{from}\" is no status; write {{404: 480}}");
            else if (to.Whole("a status such as 480") is { } other)
                statuses[code] = other;
        }
        var rewrite = new RewriteConfig
        {
            ToTarget = [.. map.Items("to_target").Select(Rule).OfType<RewriteRuleConfig>()],
            ToCaller = [.. map.Items("to_caller").Select(Rule).OfType<RewriteRuleConfig>()],
            Statuses = statuses,
        };
        map.Done();
        return rewrite;
    }

    private static RewriteRuleConfig? Rule(ValueReader item)
    {
        MappingReader map = item.Mapping();
        RewriteRuleConfig? rule = null;
        int actions = 0;
        foreach ((string key, RewriteAction action) in Actions)
        {
            if (map.Text(key) is not { } field) continue;
            actions++;
            string? match = action == RewriteAction.Replace ? map.Text("match") : null;
            string? value = action == RewriteAction.Replace ? map.Text("with")
                : action == RewriteAction.Remove ? "" : map.Text("value");
            if (match is not null) map.Value("match")!.Value.HintAtDoubleQuotes();
            if (value is null)
                map.Fail(action == RewriteAction.Replace ? "replace needs with: what takes the place of the match"
                    : $"{key} needs value: what the field says");
            rule = new RewriteRuleConfig(action, field, match, value ?? "");
        }
        map.Done();
        if (actions == 1) return rule;
        map.Fail("a rule is one of {set: FIELD, value: TEXT}, {add: FIELD, value: TEXT}, {remove: FIELD} and "
            + "{replace: FIELD, match: EXPRESSION, with: TEXT}");
        return null;
    }
}
