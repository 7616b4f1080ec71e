using Xunit;

namespace Sbc.Tests.Program;

/// <summary>Dialogs of mode forward live in their Record-Route, as long as the key of it.</summary>
public sealed class ForwardKeyTests
{
    private const string Key = "8f2c6a0e4b7d91358f2c6a0e4b7d9135";

    [Fact]
    public async Task With_a_key_of_the_file_a_dialog_outlives_the_box()
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        Assert.Equal("BYE", await EndAfterRestartAsync(phone, proxy, Key, Key));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another key, which is as long as the first")]
    public async Task Without_it_or_with_another_one_it_does_not(string? second)
    {
        using var phone = new SipSocket();
        using var proxy = new SipSocket();
        Assert.Equal("SIP/2.0 481", await EndAfterRestartAsync(phone, proxy, second is null ? null : Key, second));
    }

    [Fact]
    public async Task A_short_key_is_refused()
    {
        using var proxy = new SipSocket();
        await using RunningBox box = await RunningBox.StartAsync(Samples.To(proxy.Port));
        box.Write(Samples.To(proxy.Port) + "\nforward: {key: short}\n");
        (int status, string body) = await box.PostAsync("/api/v1/reload");
        Assert.Equal(422, status);
        Assert.Contains("openssl rand -hex 32", body);
    }

    /// <summary>What comes of a BYE of the callee to a second box: at the caller, or as its answer.</summary>
    private static async Task<string> EndAfterRestartAsync(
        SipSocket phone, SipSocket proxy, string? first, string? second)
    {
        string invite;
        await using (RunningBox box = await StartAsync(proxy.Port, first))
        {
            phone.Invite(box.Listener(0), "long");
            invite = await proxy.ReceiveAsync("INVITE");
        }
        await using RunningBox next = await StartAsync(proxy.Port, second);
        string[] lines = invite.Split("\r\n");
        string routes = string.Join("\r\n", lines.Where(line => line.StartsWith("Record-Route:"))
            .Select(line => line["Record-".Length..]));
        Assert.NotEqual("", routes);
        string Of(string name) => lines.First(line => line.StartsWith(name + ":"))[(name.Length + 1)..];
        proxy.Send($"""
            BYE sip:alice@127.0.0.1:{phone.Port} SIP/2.0
            Via: SIP/2.0/UDP 127.0.0.1:{proxy.Port};branch=z9hG4bKbye
            Max-Forwards: 70
            {routes}
            From:{Of("To")};tag=callee
            To:{Of("From")}
            Call-ID:{Of("Call-ID")}
            CSeq: 1 BYE
            Content-Length: 0


            """, next.Listener(1));
        Task<string> atPhone = phone.ReceiveAsync("BYE"), atProxy = proxy.ReceiveAsync("SIP/2.0");
        string message = await await Task.WhenAny(atPhone, atProxy);
        return message[..(message.StartsWith("BYE") ? 3 : 11)];
    }

    private static Task<RunningBox> StartAsync(int proxy, string? key)
    {
        string yaml = Samples.To(proxy).Replace("peers: [proxy],", "peers: [proxy], balance: call_id_hash,")
            .Replace("to: farm}", "to: farm, mode: forward}");
        return key is null
            ? RunningBox.StartAsync(yaml)
            : RunningBox.StartAsync(yaml + "\nforward: {key_file: forward.key}\n", ("forward.key", key + "\n"));
    }
}
