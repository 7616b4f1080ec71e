using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Tests.Engine.Config;
using Xunit;

namespace Sbc.Tests.Engine;

public sealed class AnswerOptionsTests
{
    [Theory]
    [InlineData(Sbc.Engine.Config.AnswerOptions.All, Sbc.Engine.Routing.AnswerOptions.All)]
    [InlineData(Sbc.Engine.Config.AnswerOptions.Known, Sbc.Engine.Routing.AnswerOptions.Known)]
    [InlineData(Sbc.Engine.Config.AnswerOptions.None, Sbc.Engine.Routing.AnswerOptions.None)]
    public void A_realm_answers_whom_its_configuration_says(
        Sbc.Engine.Config.AnswerOptions written, Sbc.Engine.Routing.AnswerOptions compiled)
    {
        var address = FixedFacts.Address("192.0.2.10", 5060);
        var listen = new ListenConfig { Transport = SipTransport.Udp, Address = address };
        var config = new SbcConfig
        {
            Realms = [new RealmConfig { Name = "edge", Listen = [listen], AnswerOptions = written }],
        };
        Snapshot snapshot = new SnapshotBuilder().Build(config, [listen.Address]);
        Assert.Equal(compiled, snapshot.Realms[0].AnswerOptions);
    }
}
