namespace Sbc.Engine.Config;

/// <summary>Finds every problem of a configuration, not the first one.</summary>
public static class ConfigValidator
{
    /// <summary>Worker indexes travel in branches and tags; more would also out-number any machine this was run
    /// on.</summary>
    public const int WorkersMax = 64;

    public static IReadOnlyList<ConfigProblem> Validate(SbcConfig config, ISystemFacts facts)
    {
        var problems = new ConfigProblems();
        NameRules.Check(config, problems);
        RealmRules.Check(config, problems);
        MediaRules.Check(config, facts, problems);
        PeerRules.Check(config, problems);
        GroupRules.Check(config, problems);
        RouteRules.Check(config, problems);
        MatchRules.Check(config, problems);
        RewriteRules.Check(config, problems);
        ForwardRules.Check(config, problems);
        RegistrarRules.Check(config, problems);
        ServiceRules.Check(config, facts, problems);
        Unavailable.Check(config, problems);
        return problems.Items;
    }
}
