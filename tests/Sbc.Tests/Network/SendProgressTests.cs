using Sbc.Network;
using Xunit;

namespace Sbc.Tests.Network;

/// <summary>What the loop around sendmmsg does with each answer; the kernel gives few of them on demand.</summary>
public class SendProgressTests
{
    private const int Interrupted = 4, Again = 11, Invalid = 22, TooLong = 90, NoBuffers = 105, Refused = 111;

    [Fact]
    public void Goes_on_at_the_message_a_partial_send_stopped_at()
    {
        var progress = new SendProgress(5);
        progress.Take(2, 0);
        Assert.Equal((2, 2, false), (progress.Next, progress.Sent, progress.IsDone));
        Assert.True(progress.SawError);
        progress.Take(3, 0);
        Assert.Equal((5, 5, true), (progress.Next, progress.Sent, progress.IsDone));
    }

    [Fact]
    public void Reports_no_error_when_everything_went()
    {
        var progress = new SendProgress(5);
        progress.Take(5, 0);
        Assert.False(progress.SawError);
        Assert.True(progress.IsDone);
    }

    [Fact]
    public void Repeats_an_interrupted_call_however_often()
    {
        var progress = new SendProgress(1);
        for (int i = 0; i < 100; i++) progress.Take(-1, Interrupted);
        Assert.Equal((0, false), (progress.Next, progress.IsDone));
    }

    [Fact]
    public void Gives_up_the_rest_when_the_send_buffer_is_full()
    {
        var progress = new SendProgress(5);
        progress.Take(2, 0);
        progress.Take(-1, Again);
        Assert.Equal((2, true), (progress.Sent, progress.IsDone));
    }

    [Theory]
    [InlineData(NoBuffers)]
    [InlineData(Invalid)]
    public void Skips_the_message_that_failed_and_sends_the_rest(int error)
    {
        var progress = new SendProgress(5);
        progress.Take(2, 0);
        progress.Take(-1, error);
        Assert.Equal(3, progress.Next);
        progress.Take(2, 0);
        Assert.Equal((4, true), (progress.Sent, progress.IsDone));
        Assert.True(progress.SawError);
    }

    [Theory]
    [InlineData(Refused)]
    [InlineData(TooLong)]
    public void Repeats_a_message_whose_error_may_be_another_ones(int error)
    {
        var progress = new SendProgress(2);
        progress.Take(-1, error);
        progress.Take(-1, error);
        Assert.Equal(0, progress.Next);
        progress.Take(2, 0);
        Assert.Equal((2, true), (progress.Sent, progress.IsDone));
    }

    [Fact]
    public void Skips_a_message_whose_error_stays()
    {
        var progress = new SendProgress(2);
        for (int i = 0; i < SendProgress.AttemptsMax; i++) progress.Take(-1, TooLong);
        Assert.Equal((1, 0), (progress.Next, progress.Sent));
        progress.Take(-1, Refused);
        progress.Take(1, 0);
        Assert.Equal((1, true), (progress.Sent, progress.IsDone));
    }
}
