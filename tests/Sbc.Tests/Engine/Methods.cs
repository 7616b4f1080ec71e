using Sbc.Simulation;

namespace Sbc.Tests.Engine;

/// <summary>A bit for each of <see cref="MethodScenarios"/>.</summary>
[Flags]
public enum Methods
{
    EarlyMedia = 1 << 0,
    Reliable = 1 << 1,
    LateOffer = 1 << 2,
    EarlyUpdate = 1 << 3,
    Update = 1 << 4,
    Glare = 1 << 5,
    InDialog = 1 << 6,
    Refer = 1 << 7,
    SessionTimer = 1 << 8,
    Forked = 1 << 9,
    TwoAnswers = 1 << 10,
    ForkRefused = 1 << 11,
    ForkCancelled = 1 << 12,
    Message = 1 << 13,
    Publish = 1 << 14,
    Options = 1 << 15,
    Foo = 1 << 16,
    Subscribe = 1 << 17,
    SubscribeForked = 1 << 18,
    ReferAlone = 1 << 19,
    Redirected = 1 << 20,
    Races = 1 << 21,
    Attended = 1 << 22,
    Blind = 1 << 23,
    BoxForked = 1 << 24,
    BoxTwoAnswers = 1 << 25,
    BoxForkRefused = 1 << 26,
    BoxForkCancelled = 1 << 27,
    BoxMessage = 1 << 28,
}

internal static class MethodsExtensions
{
    /// <summary>The order of <see cref="MethodScenarios.All"/> is that of the bits.</summary>
    public static Scenario Scenario(this Methods method) =>
        MethodScenarios.All[System.Numerics.BitOperations.TrailingZeroCount((int)method)];
}
