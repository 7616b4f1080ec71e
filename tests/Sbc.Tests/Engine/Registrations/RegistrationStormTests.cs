using Sbc.Simulation;
using Xunit;
using Xunit.Abstractions;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>The registrar of its own in a storm, step by step against a model of the location service.</summary>
public sealed class RegistrationStormTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, "perfect", 1)]
    [InlineData(2, "wan", 3)]
    [InlineData(3, "hostile", 2)]
    public void Each_answer_and_each_call_is_what_the_model_says(ulong seed, string profile, int workers) =>
        Run(seed, profile, workers, users: 20, events: 400);

    [Theory]
    [Trait("tier", "long")]
    [InlineData(100, "perfect")]
    [InlineData(101, "wan")]
    [InlineData(102, "hostile")]
    public void Thousands_of_them(ulong seed, string profile) => Run(seed, profile, 4, users: 60, events: 20_000);

    /// <summary>SBC_STORM="first-last profile workers events" tries many seeds by hand.</summary>
    [Fact]
    [Trait("tier", "long")]
    public void Seeds_that_somebody_asks_for()
    {
        if (Environment.GetEnvironmentVariable("SBC_STORM")?.Split(' ') is not [var seeds, var profile, var workers,
            var events]) return;
        string[] range = seeds.Split('-');
        for (ulong seed = ulong.Parse(range[0]); seed <= ulong.Parse(range[^1]); seed++)
            Run(seed, profile, int.Parse(workers), 20, int.Parse(events));
    }

    private void Run(ulong seed, string profile, int workers, int users, int events)
    {
        using var storm = new RegistrationStorm(seed, profile switch
        {
            "perfect" => NetworkProfile.Perfect,
            "wan" => NetworkProfile.Wan,
            _ => NetworkProfile.Hostile,
        }, users, workers);
        storm.Run(events);
        storm.End();
        output.WriteLine(storm.Figures);
    }
}
