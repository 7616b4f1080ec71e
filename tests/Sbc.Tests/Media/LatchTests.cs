using Sbc.Media;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Media;

public sealed class LatchTests
{
    private static readonly TransportAddress Sdp = MediaRig.At("198.51.100.7", 4000);
    private static readonly TransportAddress SdpOtherPort = MediaRig.At("198.51.100.7", 4444);
    private static readonly TransportAddress Nat = MediaRig.At("203.0.113.9", 31000);
    private static readonly TransportAddress NatSignalling = MediaRig.At("203.0.113.9", 5060);
    private static readonly TransportAddress Other = MediaRig.At("203.0.113.66", 9);

    public static TheoryData<LatchMode, string, LatchVerdict> FirstPackets => new()
    {
        { LatchMode.Strict, nameof(Sdp), LatchVerdict.Latched },
        { LatchMode.Strict, nameof(SdpOtherPort), LatchVerdict.Refused },
        { LatchMode.Strict, nameof(Nat), LatchVerdict.Refused },
        { LatchMode.Strict, nameof(Other), LatchVerdict.Refused },
        { LatchMode.Signalling, nameof(Sdp), LatchVerdict.Latched },
        { LatchMode.Signalling, nameof(SdpOtherPort), LatchVerdict.Latched },
        { LatchMode.Signalling, nameof(Nat), LatchVerdict.Latched },
        { LatchMode.Signalling, nameof(Other), LatchVerdict.Refused },
        { LatchMode.Open, nameof(Other), LatchVerdict.Latched },
    };

    [Theory]
    [MemberData(nameof(FirstPackets))]
    public void The_first_source_is_whom_the_mode_allows(LatchMode mode, string source, LatchVerdict expected)
    {
        LatchState state = Waiting(mode);
        Assert.Equal(expected, Packet(ref state, Named(source), 1, 1));
        Assert.Equal(expected == LatchVerdict.Latched ? LatchPhase.Locked : LatchPhase.Waiting, state.Phase);
    }

    [Theory]
    [InlineData(LatchMode.Strict)]
    [InlineData(LatchMode.Signalling)]
    [InlineData(LatchMode.Open)]
    public void Once_locked_only_the_source_itself_passes_with_any_ssrc(LatchMode mode)
    {
        LatchState state = Locked(mode, Sdp);
        Assert.Equal(LatchVerdict.Accepted, Packet(ref state, Sdp, 2, 0xBEEF));
        Assert.Equal(LatchVerdict.Refused, Packet(ref state, SdpOtherPort, 3, 0xBEEF));
        Assert.Equal(LatchVerdict.Refused, Packet(ref state, Other, 3, 0xBEEF));
    }

    [Theory]
    // mode, sequence, ssrc, verdict of a stranger after a re-INVITE that changed nothing
    [InlineData(LatchMode.Signalling, 150, 7u, LatchVerdict.Latched)]
    [InlineData(LatchMode.Signalling, 90, 7u, LatchVerdict.Latched)]
    [InlineData(LatchMode.Signalling, 300, 7u, LatchVerdict.Latched)]
    [InlineData(LatchMode.Signalling, 301, 7u, LatchVerdict.Refused)]
    [InlineData(LatchMode.Signalling, 40_000, 7u, LatchVerdict.Refused)]
    [InlineData(LatchMode.Signalling, 101, 8u, LatchVerdict.Refused)]
    [InlineData(LatchMode.Open, 101, 8u, LatchVerdict.Refused)]
    [InlineData(LatchMode.Open, 101, 7u, LatchVerdict.Latched)]
    [InlineData(LatchMode.Strict, 101, 7u, LatchVerdict.Refused)]
    public void After_signalling_allowed_it_a_new_source_must_show_continuity(
        LatchMode mode, int sequence, uint ssrc, LatchVerdict expected)
    {
        LatchState state = Locked(mode, Sdp, sequence: 100, ssrc: 7);
        Assert.Equal(LatchVerdict.Refused, Packet(ref state, Other, 101, 7));
        Latch.Step(ref state, LatchEvent.Allowed, default);
        Assert.Equal(LatchVerdict.Accepted, Packet(ref state, Sdp, 100, 7));
        Assert.Equal(expected, Packet(ref state, Other, (ushort)sequence, ssrc));
        if (expected == LatchVerdict.Latched) Assert.Equal(LatchVerdict.Refused, Packet(ref state, Sdp, 101, 7));
    }

    [Fact]
    public void A_source_the_sdp_names_needs_no_continuity()
    {
        LatchState state = Locked(LatchMode.Signalling, Nat, sequence: 100, ssrc: 7);
        Latch.Step(ref state, LatchEvent.Allowed, default);
        Assert.Equal(LatchVerdict.Latched, Packet(ref state, Sdp, 40_000, 99));
    }

    [Theory]
    [InlineData(LatchMode.Strict, nameof(Other), LatchVerdict.Latched)]
    [InlineData(LatchMode.Strict, nameof(Nat), LatchVerdict.Refused)]
    [InlineData(LatchMode.Signalling, nameof(Other), LatchVerdict.Latched)]
    [InlineData(LatchMode.Signalling, nameof(Nat), LatchVerdict.Latched)]
    [InlineData(LatchMode.Signalling, nameof(SdpOtherPort), LatchVerdict.Refused)]
    public void A_changed_description_makes_the_modes_own_rule_apply_again(
        LatchMode mode, string source, LatchVerdict expected)
    {
        LatchState state = Locked(mode, Sdp, sequence: 100, ssrc: 7);
        state.Target = Other;
        Latch.Step(ref state, LatchEvent.TargetChanged, default);
        Assert.Equal(LatchVerdict.Accepted, Packet(ref state, Sdp, 101, 7));
        Assert.Equal(expected, Packet(ref state, Named(source), 9, 99));
    }

    [Fact]
    public void A_description_that_names_the_locked_source_changes_nothing()
    {
        LatchState state = Locked(LatchMode.Signalling, Nat);
        state.Target = Nat;
        Latch.Step(ref state, LatchEvent.TargetChanged, default);
        Assert.Equal(LatchPhase.Locked, state.Phase);
        Assert.Equal(LatchVerdict.Refused, Packet(ref state, Sdp, 1, 1));
    }

    [Fact]
    public void Without_a_description_only_an_open_latch_takes_anybody()
    {
        foreach (LatchMode mode in Enum.GetValues<LatchMode>())
        {
            var state = new LatchState { Mode = mode };
            LatchVerdict expected = mode == LatchMode.Open ? LatchVerdict.Latched : LatchVerdict.Refused;
            Assert.Equal(expected, Packet(ref state, Other, 1, 1));
        }
    }

    [Theory]
    [InlineData("203.0.113.8", LatchVerdict.Latched)]
    [InlineData("203.0.113.66", LatchVerdict.Refused)]
    public void Reports_move_to_where_media_moved_and_an_ssrc_that_was_guessed_moves_nothing(
        string host, LatchVerdict expected)
    {
        var state = new LatchState { Mode = LatchMode.Signalling, Target = MediaRig.At("203.0.113.7", 4001) };
        var packet = new LatchInput { Source = MediaRig.At("203.0.113.7", 4001), HasSsrc = true, Ssrc = 5 };
        Latch.Step(ref state, LatchEvent.Packet, packet);
        Latch.Follow(ref state, packet);
        Latch.Step(ref state, LatchEvent.Allowed, default);
        var moved = new LatchInput
        {
            Source = MediaRig.At(host, 5001), HasSsrc = true, Ssrc = 5, Sibling = MediaRig.At("203.0.113.8", 5000),
        };
        Assert.Equal(expected, Latch.Step(ref state, LatchEvent.Packet, moved));
    }

    [Fact]
    public void An_open_rtcp_port_follows_the_address_of_rtp()
    {
        var state = new LatchState { Mode = LatchMode.Open };
        var stranger = new LatchInput { Source = Other, Sibling = Sdp };
        Assert.Equal(LatchVerdict.Refused, Latch.Step(ref state, LatchEvent.Packet, stranger));
        var own = new LatchInput { Source = SdpOtherPort, Sibling = Sdp };
        Assert.Equal(LatchVerdict.Latched, Latch.Step(ref state, LatchEvent.Packet, own));
    }

    private static LatchState Waiting(LatchMode mode) =>
        new() { Mode = mode, Target = Sdp, Signalling = NatSignalling };

    private static LatchState Locked(LatchMode mode, TransportAddress source, ushort sequence = 1, uint ssrc = 1)
    {
        LatchState state = Waiting(mode);
        var packet = new LatchInput
        {
            Source = source, Sequence = sequence, Ssrc = ssrc, HasSequence = true, HasSsrc = true,
        };
        Assert.Equal(LatchVerdict.Latched, Latch.Step(ref state, LatchEvent.Packet, packet));
        Latch.Follow(ref state, packet);
        return state;
    }

    private static LatchVerdict Packet(ref LatchState state, TransportAddress source, ushort sequence, uint ssrc)
    {
        var packet = new LatchInput
        {
            Source = source, Sequence = sequence, Ssrc = ssrc, HasSequence = true, HasSsrc = true,
        };
        return Latch.Step(ref state, LatchEvent.Packet, packet);
    }

    private static TransportAddress Named(string name) => name switch
    {
        nameof(Sdp) => Sdp,
        nameof(SdpOtherPort) => SdpOtherPort,
        nameof(Nat) => Nat,
        _ => Other,
    };
}
