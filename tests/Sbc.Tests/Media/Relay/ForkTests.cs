using Sbc.Media;
using Sbc.Runtime;
using Xunit;
using static Sbc.Tests.Media.MediaRig;

namespace Sbc.Tests.Media;

/// <summary>Early dialogs of one INVITE: one pair of ports for the phones that ring, one each for the caller.</summary>
public sealed class ForkTests
{
    private static readonly TransportAddress FirstPhone = At("203.0.113.1", 7000);
    private static readonly TransportAddress SecondPhone = At("203.0.113.2", 7000);

    [Fact]
    public void Each_early_dialog_has_its_own_way_between_its_phone_and_the_caller()
    {
        var rig = new MediaRig();
        Handle first = Begin(rig, out StreamPorts ports);
        Handle second = Fork(rig, first, out StreamPorts other);
        Assert.Equal(ports.B, other.B);
        Assert.NotEqual(ports.A, other.A);
        rig.Target(first, MediaSide.B, FirstPhone);
        rig.Target(second, MediaSide.B, SecondPhone);
        rig.Turn();
        AssertWay(rig, ports, FirstPhone, 1);
        AssertWay(rig, other, SecondPhone, 2);
        // RTCP finds its way as RTP does.
        Sent rtcp = Assert.Single(rig.Pass(SecondPhone.WithPort(7001), rig.CorePort(ports.B.Rtcp), Rtcp(2)));
        Assert.Equal((rig.EdgePort(other.A.Rtcp), Phone.WithPort(4001)), (rtcp.From, rtcp.To));
        Assert.Empty(rig.Pass(Stranger, rig.CorePort(ports.B.Rtp), Rtp(1)));
        Assert.Equal(1, rig.Counters.Dropped(1, DropReason.SourceRefused));
        End(rig, first, second);
    }

    [Fact]
    public void The_caller_s_target_is_known_to_each_fork_but_not_a_sibling_s_answer()
    {
        var rig = new MediaRig();
        Handle first = Begin(rig, out StreamPorts ports);
        rig.Target(first, MediaSide.B, FirstPhone);
        Handle second = Fork(rig, first, out StreamPorts other);
        rig.Turn();
        Assert.Empty(rig.Pass(Phone, rig.EdgePort(other.A.Rtp), Rtp(1)));
        Assert.Equal(1, rig.Counters.Dropped(0, DropReason.NoTarget));
        AssertWay(rig, ports, FirstPhone, 1);
        End(rig, first, second);
    }

    [Fact]
    public void Behind_one_address_the_port_of_the_answer_tells_the_phones_apart()
    {
        var rig = new MediaRig();
        Handle first = Begin(rig, out StreamPorts ports);
        Handle second = Fork(rig, first, out StreamPorts other);
        rig.Target(first, MediaSide.B, FirstPhone);
        rig.Target(second, MediaSide.B, FirstPhone.WithPort(9000));
        rig.Turn();
        AssertWay(rig, other, FirstPhone.WithPort(9000), 2);
        AssertWay(rig, ports, FirstPhone, 1);
        End(rig, first, second);
    }

    private static readonly TransportAddress Nat = At("198.51.100.99", 0);

    /// <summary>Two phones at home that name 192.168.1.5 and .6, and ring behind one address.</summary>
    private static (Handle First, Handle Second) BeginBehindNat(
        MediaRig rig, out StreamPorts ports, out StreamPorts other, int secondPort = 8000)
    {
        Handle first = Begin(rig, out ports);
        Handle second = Fork(rig, first, out other);
        rig.Target(first, MediaSide.B, At("192.168.1.5", 7000), maySend: false, signalling: Nat);
        rig.Target(second, MediaSide.B, At("192.168.1.6", secondPort), maySend: false, signalling: Nat);
        rig.Turn();
        return (first, second);
    }

    [Fact]
    public void Phones_behind_one_nat_that_keeps_ports_are_told_apart_by_them()
    {
        var rig = new MediaRig(coreLatching: LatchMode.Signalling);
        (Handle first, Handle second) = BeginBehindNat(rig, out StreamPorts ports, out StreamPorts other);
        AssertWay(rig, other, Nat.WithPort(8000), 2);
        AssertWay(rig, ports, Nat.WithPort(7000), 1);
        End(rig, first, second);
    }

    [Fact]
    public void Phones_that_nothing_tells_apart_are_heard_when_one_has_answered_and_never_as_each_other()
    {
        var rig = new MediaRig(coreLatching: LatchMode.Signalling);
        (Handle first, Handle second) = BeginBehindNat(rig, out _, out StreamPorts other, secondPort: 7000);
        foreach (int port in new[] { 40_000, 40_001, 7000 })
            Assert.Empty(rig.Pass(Nat.WithPort(port), rig.CorePort(other.B.Rtp), Rtp(1, 2)));
        Assert.Equal(3, rig.Counters.Dropped(1, DropReason.NotLatched));
        rig.Client.Close(first);
        rig.Turn();
        AssertWay(rig, other, Nat.WithPort(40_000), 2);
        End(rig, second);
        Assert.False(rig.Client.TryReport(first, 0));
    }

    [Fact]
    public void A_report_belongs_to_the_phone_whose_media_it_reports()
    {
        var rig = new MediaRig(coreLatching: LatchMode.Signalling);
        (Handle first, Handle second) = BeginBehindNat(rig, out StreamPorts ports, out StreamPorts other);
        AssertWay(rig, other, Nat.WithPort(8000), 2);
        AssertWay(rig, ports, Nat.WithPort(7000), 1);
        Assert.Empty(rig.Pass(Nat.WithPort(40_000), rig.CorePort(ports.B.Rtcp), Rtcp(9)));
        Sent report = Assert.Single(rig.Pass(Nat.WithPort(40_002), rig.CorePort(ports.B.Rtcp), Rtcp(2)));
        Assert.Equal(rig.EdgePort(other.A.Rtcp), report.From);
        report = Assert.Single(rig.Pass(Nat.WithPort(40_004), rig.CorePort(ports.B.Rtcp), Rtcp(1)));
        Assert.Equal(rig.EdgePort(ports.A.Rtcp), report.From);
        End(rig, first, second);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_winner_keeps_the_shared_ports_whichever_it_is(bool firstWins)
    {
        var rig = new MediaRig();
        Handle first = Begin(rig, out StreamPorts ports);
        Handle second = Fork(rig, first, out StreamPorts other);
        Handle third = Fork(rig, second, out _);
        rig.Target(first, MediaSide.B, FirstPhone);
        rig.Target(second, MediaSide.B, SecondPhone);
        rig.Turn();
        (Handle winner, StreamPorts its, TransportAddress phone) =
            firstWins ? (first, ports, FirstPhone) : (second, other, SecondPhone);
        foreach (Handle loser in (Handle[])[firstWins ? second : first, third]) rig.Client.Close(loser);
        rig.Turn();
        rig.Turn();
        Assert.Equal(1, rig.Client.StreamCount);
        Assert.Equal(1, rig.Client.SessionsActive);
        Assert.Equal(rig.Edge.Ports.Pairs - 1, rig.Edge.Ports.PairsFree);
        Assert.Equal(rig.Core.Ports.Pairs - 1, rig.Core.Ports.PairsFree);
        AssertWay(rig, its, phone, 1);
        Assert.Empty(rig.Pass(firstWins ? SecondPhone : FirstPhone, rig.CorePort(ports.B.Rtp), Rtp(1)));
        Assert.False(rig.Client.TryReport(third, 0));
        End(rig, winner);
    }

    [Fact]
    public void A_packet_that_waits_while_the_shared_ports_change_hands_reaches_the_heir()
    {
        var rig = new MediaRig();
        Handle first = Begin(rig, out _);
        Handle second = Fork(rig, first, out StreamPorts other);
        rig.Target(second, MediaSide.B, SecondPhone);
        rig.Turn();
        rig.Client.Close(first);
        rig.Turn();
        Assert.Equal(rig.EdgePort(other.A.Rtp),
            Assert.Single(rig.Pass(SecondPhone, rig.CorePort(other.B.Rtp), Rtp(5))).From);
        End(rig, second);
    }

    [Fact]
    public void Where_a_fork_finds_no_ports_nothing_is_held_and_the_call_goes_on()
    {
        var rig = new MediaRig(pairs: 2);
        Handle first = Begin(rig, out StreamPorts ports);
        rig.Target(first, MediaSide.B, FirstPhone);
        Handle second = Fork(rig, first, out _);
        Assert.False(TryFork(rig, first, out _, out _, out MediaError error));
        Assert.Equal(MediaError.NoPorts, error);
        rig.Client.Close(second);
        rig.Turn();
        rig.Turn();
        Assert.False(TryFork(rig, second, out _, out _, out error));
        Assert.Equal(MediaError.NoSession, error);
        AssertWay(rig, ports, FirstPhone, 1);
        End(rig, first);
    }

    [Fact]
    public void Forks_of_one_call_are_bounded()
    {
        var rig = new MediaRig();
        Handle first = Begin(rig, out _);
        var all = new List<Handle> { first };
        for (int i = 1; i < MediaLimits.ForksPerStreamMax; i++) all.Add(Fork(rig, all[^1], out _));
        Assert.False(TryFork(rig, first, out _, out _, out MediaError error));
        Assert.Equal(MediaError.TooManyForks, error);
        End(rig, [.. all]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_order_forks_come_and_go_in_media_stays_on_its_leg_and_ports_come_back(int seed)
    {
        var random = new Random(seed);
        var rig = new MediaRig(pairs: 24, commandCapacity: 16, eventCapacity: 4);
        // Each fork's phone has a port of its own; a fork is known by it.
        var forks = new List<(Handle Session, StreamPorts Ports, TransportAddress Phone)>();
        int phones = 7000;
        for (int step = 0; step < 3000; step++)
        {
            int choice = random.Next(8);
            if (forks.Count == 0)
            {
                if (!TryBegin(rig, phones += 2, forks)) rig.Turn();
            }
            else if (choice == 0 && forks.Count < 8)
            {
                TryGrow(rig, random, phones += 2, forks);
            }
            else if (choice == 1)
            {
                int at = random.Next(forks.Count);
                rig.Client.Close(forks[at].Session);
                forks.RemoveAt(at);
            }
            else if (choice == 2 && random.Next(4) == 0)
            {
                (Handle Session, StreamPorts Ports, TransportAddress Phone) winner = forks[random.Next(forks.Count)];
                foreach (var loser in forks.Where(fork => fork != winner)) rig.Client.Close(loser.Session);
                forks.RemoveAll(fork => fork != winner);
            }
            else
            {
                rig.Turn();
                (_, StreamPorts ports, TransportAddress phone) = forks[random.Next(forks.Count)];
                byte[] packet = Rtp((ushort)step, phone.Port);
                Sent sent = Assert.Single(rig.Pass(phone, rig.CorePort(ports.B.Rtp), packet));
                Assert.Equal((rig.EdgePort(ports.A.Rtp), Phone), (sent.From, sent.To));
                sent = Assert.Single(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp((ushort)step)));
                Assert.Equal((rig.CorePort(ports.B.Rtp), phone), (sent.From, sent.To));
            }
        }
        End(rig, [.. forks.Select(fork => fork.Session)]);
    }

    private static bool TryBegin(
        MediaRig rig, int port, List<(Handle Session, StreamPorts Ports, TransportAddress Phone)> forks)
    {
        var ports = new StreamPorts[1];
        if (!rig.Client.TryOpenSession(1, new MediaEnd(rig.Edge), new MediaEnd(rig.Core), [default], ports, rig.Now,
            out Handle session, out _)) return false;
        rig.Turn();
        rig.Target(session, MediaSide.A, Phone);
        rig.Target(session, MediaSide.B, FirstPhone.WithPort(port));
        forks.Add((session, ports[0], FirstPhone.WithPort(port)));
        return true;
    }

    private static void TryGrow(
        MediaRig rig, Random random, int port, List<(Handle Session, StreamPorts Ports, TransportAddress Phone)> forks)
    {
        Handle of = forks[random.Next(forks.Count)].Session;
        if (!TryFork(rig, of, out Handle session, out StreamPorts ports, out _)) return;
        rig.Turn();
        rig.Target(session, MediaSide.B, FirstPhone.WithPort(port));
        forks.Add((session, ports, FirstPhone.WithPort(port)));
    }

    private static Handle Begin(MediaRig rig, out StreamPorts ports)
    {
        Handle session = rig.Open(out ports);
        rig.Target(session, MediaSide.A, Phone);
        rig.Turn();
        return session;
    }

    private static Handle Fork(MediaRig rig, Handle of, out StreamPorts ports)
    {
        Assert.True(TryFork(rig, of, out Handle fork, out ports, out MediaError error), error.ToString());
        return fork;
    }

    private static bool TryFork(MediaRig rig, Handle of, out Handle fork, out StreamPorts ports, out MediaError error)
    {
        var given = new StreamPorts[MediaLimits.StreamsPerSessionMax];
        bool isOpen = rig.Client.TryOpenFork(of, 43, new MediaEnd(rig.Edge), given, rig.Now, out fork, out error);
        ports = given[0];
        return isOpen;
    }

    private static void AssertWay(MediaRig rig, StreamPorts ports, TransportAddress phone, uint ssrc)
    {
        Sent early = Assert.Single(rig.Pass(phone, rig.CorePort(ports.B.Rtp), Rtp(1, ssrc)));
        Assert.Equal((rig.EdgePort(ports.A.Rtp), Phone), (early.From, early.To));
        Sent back = Assert.Single(rig.Pass(Phone, rig.EdgePort(ports.A.Rtp), Rtp(1)));
        Assert.Equal((rig.CorePort(ports.B.Rtp), phone), (back.From, back.To));
    }

    private static void End(MediaRig rig, params Handle[] sessions)
    {
        foreach (Handle session in sessions) rig.Client.Close(session);
        rig.AssertNothingHeld();
        rig.AssertSumLaw();
    }
}
