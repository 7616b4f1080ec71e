using Sbc.Runtime;
using Sbc.Simulation;
using Xunit;

namespace Sbc.Tests.Simulation;

public class AgentTests
{
    private static readonly TransportAddress Phone = Address.Of("203.0.113.7:5060");
    private static readonly TransportAddress Proxy = Address.Of("10.0.0.21:5060");
    private readonly Simulator _simulator = new(1);
    private readonly FarmProxy _proxy;
    private readonly Caller _caller;

    public AgentTests()
    {
        _proxy = new FarmProxy(_simulator, "proxy", Proxy, _ => new AnswerScript())
        {
            PhoneBehind = Address.Of("10.0.0.99:5070"),
        };
        _caller = new Caller(_simulator, "alice", Phone, Proxy);
    }

    [Fact]
    public void A_call_is_answered_and_hung_up_by_its_caller()
    {
        OutgoingCall call = Run(new CallScript { HangUpAfter = 5000, ExpectedStatus = 200 });
        Assert.Equal(180, call.RingingStatus);
        Assert.Equal(1, _caller.Counters.Ended);
        Assert.Equal(1, _proxy.Counters.Ended);
        // INVITE, 100, 180, 200, ACK, BYE, 200: nothing is sent twice on a perfect network.
        Assert.Equal(7, _simulator.Network.DatagramsSent);
    }

    [Fact]
    public void A_call_is_hung_up_by_its_callee_after_requests_of_both_sides()
    {
        Run(new CallScript
        {
            ReinviteAfter = 1000,
            InfoAfter = 2000,
            OptionsAfter = 3000,
            Callee = new AnswerScript
            {
                ReinviteAfter = 4000,
                InfoAfter = 5000,
                OptionsAfter = 6000,
                HangUpAfter = 7000,
            },
        });
        Assert.Equal(3, _caller.Counters.InDialogAnswered);
        Assert.Equal(3, _proxy.Counters.InDialogAnswered);
        Assert.Equal(0, _caller.Counters.Abandoned);
    }

    [Fact]
    public void Re_invites_that_cross_are_refused_with_491_and_come_again()
    {
        Run(new CallScript
        {
            ReinviteAfter = 1000,
            HangUpAfter = 10_000,
            Callee = new AnswerScript { ReinviteAfter = 1000 },
        });
        Assert.Equal(1, _caller.Counters.InDialogRefused[491]);
        Assert.Equal(1, _caller.Counters.InDialogAnswered);
        Assert.Equal(1, _proxy.Counters.InDialogAnswered);
    }

    [Fact]
    public void A_ringing_call_is_cancelled()
    {
        var callee = new AnswerScript { FinalAfter = 60_000 };
        OutgoingCall call = Run(new CallScript { CancelAfter = 300, Callee = callee });
        Assert.Equal(487, call.FinalStatus);
        Assert.Equal(1, _caller.Counters.Cancelled);
        Assert.Equal(1, _proxy.Counters.Cancelled);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(486)]
    [InlineData(503)]
    [InlineData(302)]
    [InlineData(603)]
    public void A_refusal_reaches_the_caller(int status)
    {
        Run(new CallScript { ExpectedStatus = status, Callee = new AnswerScript { Status = status } });
        Assert.Equal(1, _caller.Counters.Failed[status]);
    }

    [Fact]
    public void A_callee_that_says_nothing_is_a_timeout()
    {
        Run(new CallScript { Callee = new AnswerScript { Status = 0 } });
        Assert.Equal(1, _caller.Counters.Timeouts);
        // Timer A: at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s.
        Assert.Equal(7, _simulator.Network.DatagramsSent);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(407)]
    public void A_challenge_is_answered_with_the_same_call_id_and_a_higher_cseq(int status)
    {
        Run(new CallScript
        {
            Password = "secret",
            HangUpAfter = 100,
            ExpectedStatus = 200,
            Callee = new AnswerScript { Challenge = status },
        });
        Assert.Equal(2, _proxy.Counters.Offered);
        Assert.Equal(1, _proxy.Counters.Challenged);
    }

    [Fact]
    public void A_phone_behind_nat_is_reached_through_its_mapping_only()
    {
        TransportAddress outside = Address.Of("203.0.113.9:61234");
        var phone = new Caller(_simulator, "bob", outside, Proxy, Address.Of("192.168.1.5:5060"));
        phone.Place(new CallScript { HangUpAfter = 1000, ExpectedStatus = 200 });
        _simulator.RunFor(10_000);
        Assert.Equal(1, phone.Counters.Answered);
        VirtualSocket stranger = _simulator.Network.Bind(Address.Of("198.51.100.1:5060"), new Silent());
        stranger.Send(phone.Local, [1]);
        _simulator.RunFor(10);
        Assert.Contains("the NAT drops", Assert.Single(phone.Violations));
    }

    [Fact]
    public void Rtp_flows_both_ways_and_none_is_lost()
    {
        Run(new CallScript { Media = true, HangUpAfter = 10_000 });
        Assert.InRange(_caller.Media.Received, 495, 505);
        Assert.InRange(_proxy.Media.Received, 495, 505);
        Assert.Equal(0, _caller.Media.Lost + _proxy.Media.Lost + _caller.Media.Wrong + _proxy.Media.Wrong);
        Assert.True(_caller.Media.ReportsReceived > 0);
    }

    [Fact]
    public void A_call_through_a_forwarding_proxy_follows_its_record_route()
    {
        var forward = new ForwardingProxy(_simulator, Address.Of("10.0.0.31:5060"), _ => $"sip:bob@{Proxy}");
        _caller.NextHop = forward.Local;
        Run(new CallScript
        {
            InfoAfter = 500,
            HangUpAfter = 2000,
            ExpectedStatus = 200,
            Callee = new AnswerScript { ReinviteAfter = 1000 },
        });
        Run(new CallScript { CancelAfter = 200, ExpectedStatus = 487 });
        Run(new CallScript { ExpectedStatus = 486, Callee = new AnswerScript { Status = 486 } });
        Assert.Empty(forward.Violations);
        Assert.Equal(_simulator.Network.DatagramsSent, forward.Forwarded * 2);
    }

    [Fact]
    public void A_killed_proxy_is_an_icmp_error_at_the_caller_and_lives_again_when_revived()
    {
        _proxy.Kill(KilledHost.PortUnreachable);
        OutgoingCall call = Run(new CallScript());
        Assert.Equal(408, call.FinalStatus);
        Assert.Equal(7, _caller.Counters.IcmpErrors);
        _proxy.Revive();
        Assert.Equal(200, Run(new CallScript { HangUpAfter = 10 }).FinalStatus);
    }

    private OutgoingCall Run(CallScript script)
    {
        OutgoingCall call = _caller.Place(script);
        Assert.True(_simulator.RunUntilQuiet(600_000), "not quiet");
        Assert.Empty(_caller.Violations);
        Assert.Empty(_proxy.Violations);
        Assert.Equal(0, _caller.Alive + _proxy.Alive);
        return call;
    }

    private sealed class Silent : IDatagramSink
    {
        public void Received(Datagram datagram)
        {
        }

        public void Unreachable(TransportAddress to, byte[] quoted)
        {
        }
    }
}
