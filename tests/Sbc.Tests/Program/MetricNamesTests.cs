using System.Text.RegularExpressions;
using Xunit;

namespace Sbc.Tests.Program;

/// <summary>A panel or a rule over a metric that nobody feeds stays empty and looks like good news.</summary>
public sealed partial class MetricNamesTests
{
    [Theory]
    [InlineData("appliance/grafana/sbc.json")]
    [InlineData("appliance/prometheus/sbc-alerts.yml")]
    [InlineData("appliance/sysctl/60-sbc.conf")]
    [InlineData("README.md")]
    public void Metrics_that_are_read_are_fed(string file)
    {
        HashSet<string> fed = [.. Repository.Files("src/Sbc/Exposition", "*.cs")
            .SelectMany(source => Created().Matches(Repository.Read(source)))
            .Select(match => match.Groups["name"].Value)];
        Assert.NotEmpty(fed);
        string[] read = [.. Name().Matches(Repository.Read(file)).Select(match => match.Value).Distinct()];
        Assert.NotEmpty(read);
        string[] unfed = [.. read.Where(name => !fed.Contains(name) && !fed.Contains(Suffix().Replace(name, "")))];
        Assert.Empty(unfed);
    }

    [GeneratedRegex("\"(?<name>sbc_[a-z0-9_]+)\"")]
    private static partial Regex Created();

    [GeneratedRegex(@"\bsbc_[a-z0-9_]+")]
    private static partial Regex Name();

    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
