using System.Text;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Sip.Message;

namespace Sbc.Engine.Rewriting;

/// <summary>`rewrite` of a route to rules for one worker.</summary>
internal static class RewriteCompiler
{
    public static Rewrite? Compile(RewriteConfig? config) => config is null ? null : new Rewrite(
        [.. config.ToTarget.Select(Compile)], [.. config.ToCaller.Select(Compile)],
        config.Statuses.ToDictionary(pair => pair.Key, pair => pair.Value));

    private static RewriteRule Compile(RewriteRuleConfig config)
    {
        byte[] name = Encoding.ASCII.GetBytes(config.Field);
        RewriteField field = FieldOf(config.Field);
        return new RewriteRule
        {
            Action = config.Action,
            Field = field,
            Name = field == RewriteField.Header ? HeaderNames.Parse(name) : HeaderName.Other,
            NameText = name,
            Value = Encoding.UTF8.GetBytes(config.Value),
            Pattern = config.Match is null ? null : new BytePattern(config.Match),
            Template = config.Action == RewriteAction.Replace && config.Value.Contains('$') ? config.Value : null,
        };
    }

    public static RewriteField FieldOf(string word) => word switch
    {
        "request_user" => RewriteField.RequestUser,
        "request_uri" => RewriteField.RequestUri,
        "from_user" => RewriteField.FromUser,
        "to_user" => RewriteField.ToUser,
        _ => RewriteField.Header,
    };
}
