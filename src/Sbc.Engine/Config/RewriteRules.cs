using System.Text;
using Sbc.Engine.Rewriting;
using Sbc.Sip.Message;

namespace Sbc.Engine.Config;

/// <summary>What must hold for <c>rewrite</c> of routes.</summary>
internal static class RewriteRules
{
    private const int RulesMax = 32;

    public static void Check(SbcConfig config, ConfigProblems problems)
    {
        for (int i = 0; i < config.Routes.Count; i++)
        {
            RouteConfig route = config.Routes[i];
            if (route.Rewrite is not { } rewrite) continue;
            string path = $"routes[{i}].rewrite";
            if (route.Mode == RouteMode.Forward)
                problems.Error(path, "rewrite is not for mode: forward, which passes messages as they are");
            List(rewrite.ToTarget, $"{path}.to_target", isRequest: true, problems);
            List(rewrite.ToCaller, $"{path}.to_caller", isRequest: false, problems);
            foreach ((int from, int to) in rewrite.Statuses)
            {
                problems.Range($"{path}.status.{from}", from, 400, 699);
                problems.Range($"{path}.status.{from}", to, 400, 699);
            }
        }
    }

    private static void List(
        IReadOnlyList<RewriteRuleConfig> rules, string path, bool isRequest, ConfigProblems problems)
    {
        if (rules.Count > RulesMax)
            problems.Error(path, $"{rules.Count} rules are too many; each writes the message anew, at most {RulesMax}");
        for (int i = 0; i < rules.Count; i++) One(rules[i], $"{path}[{i}]", isRequest, problems);
    }

    private static void One(RewriteRuleConfig rule, string path, bool isRequest, ConfigProblems problems)
    {
        MatchRules.Pattern(rule.Match, $"{path}.match", problems);
        if (rule.Value.Any(char.IsControl))
            problems.Error(path, "a value is one line: a line end in it would begin another header field");
        if (rule.Action == RewriteAction.Replace && rule.Match is null)
            problems.Error($"{path}.match", "replace needs match: the expression that is looked for");
        RewriteField field = RewriteCompiler.FieldOf(rule.Field);
        if (field == RewriteField.Header) Header(rule, path, problems);
        else if (!isRequest)
            problems.Error(path, $"{rule.Field} is of requests to the target; on the way back write a header's name");
        else if (rule.Action is not (RewriteAction.Set or RewriteAction.Replace))
            problems.Error(path, $"{rule.Field} can be set and replaced, not added or removed");
    }

    private static void Header(RewriteRuleConfig rule, string path, ConfigProblems problems)
    {
        byte[] name = Encoding.UTF8.GetBytes(rule.Field);
        if (!Grammar.IsToken(name))
        {
            problems.Error(path, $"\"{rule.Field}\" is no name of a header field");
        }
        else if (IsOurs(HeaderNames.Parse(name)))
        {
            problems.Error(path, $"{rule.Field} is what calls are made of and cannot be rewritten; for numbers write "
                + "request_user, from_user or to_user");
        }
    }

    private static bool IsOurs(HeaderName name) => name is HeaderName.Via or HeaderName.From or HeaderName.To
        or HeaderName.CallId or HeaderName.CSeq or HeaderName.Contact or HeaderName.MaxForwards or HeaderName.Route
        or HeaderName.RecordRoute or HeaderName.ContentLength or HeaderName.ContentType or HeaderName.RSeq
        or HeaderName.RAck;
}
