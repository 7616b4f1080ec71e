using System.Text;
using Sbc.Engine;
using Sbc.Engine.Calls;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Engine.Calls;

public class TargetListTests
{
    private readonly byte[] _bytes = new byte[Limits.TargetBytesMax];

    [Fact]
    public void The_best_come_first_and_equal_ones_in_their_order()
    {
        Assert.Equal("c:1000 a:500 d:500 b:100", Order(("a", 500), ("b", 100), ("c", 1000), ("d", 500)));
    }

    [Fact]
    public void A_target_comes_back_as_it_was_given()
    {
        var list = new TargetList(_bytes);
        Assert.True(list.TryAdd(new CallTarget { Quality = 1000, Place = 3 }));
        Assert.True(list.TryAdd(new CallTarget
        {
            Quality = 700,
            Place = -1,
            Listener = 2,
            Address = Address.Of("203.0.113.9:40123"),
            RequestUri = "sip:bob@10.1.1.1;ob"u8,
            Routes = "<sip:proxy.example.net;lr>"u8,
        }));
        CallTarget first = TargetList.At(list.Written, 0, out int next);
        Assert.Equal((1000, 3, 0), (first.Quality, first.Place, first.RequestUri.Length));
        CallTarget flow = TargetList.At(list.Written, next, out next);
        Assert.Equal((700, -1, 2), (flow.Quality, flow.Place, flow.Listener));
        Assert.Equal("203.0.113.9:40123", flow.Address.ToString());
        Assert.Equal("sip:bob@10.1.1.1;ob", Encoding.ASCII.GetString(flow.RequestUri));
        Assert.Equal("<sip:proxy.example.net;lr>", Encoding.ASCII.GetString(flow.Routes));
        Assert.Equal(list.Length, next);
    }

    [Fact]
    public void It_holds_no_more_than_its_limit_and_what_does_not_fit_is_left_out_whole()
    {
        var list = new TargetList(_bytes);
        for (int i = 0; i < Limits.TargetsMax; i++) Assert.True(list.TryAdd(new CallTarget { Quality = 1 }));
        Assert.False(list.TryAdd(new CallTarget { Quality = 1 }));
        var little = new TargetList(_bytes.AsSpan(0, 100));
        Assert.True(little.TryAdd(new CallTarget { Quality = 1, RequestUri = "sip:a@b"u8 }));
        int length = little.Length;
        Assert.False(little.TryAdd(new CallTarget { Quality = 1, RequestUri = new byte[80] }));
        Assert.Equal((length, 1), (little.Length, little.Count));
    }

    private string Order(params (string Uri, int Quality)[] targets)
    {
        var list = new TargetList(_bytes);
        foreach ((string uri, int quality) in targets)
            list.TryAdd(new CallTarget { Quality = quality, Place = -1, RequestUri = Encoding.ASCII.GetBytes(uri) });
        var order = new List<string>();
        for (int at = 0; at < list.Length;)
        {
            CallTarget target = TargetList.At(list.Written, at, out at);
            order.Add($"{Encoding.ASCII.GetString(target.RequestUri)}:{target.Quality}");
        }
        return string.Join(' ', order);
    }
}
