using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>The box as the customer of real carriers: it registers there and answers their challenges.</summary>
[Trait("tier", "peers")]
[Collection("one box at a time")]
public class TrunkPeerTests
{
    private const string Carrier = "127.2.0.21";
    private const string Spare = "127.2.0.22";
    private const string Callee = "127.2.0.31";
    private const string Caller = "127.1.0.31";

    [Fact]
    public void The_box_registers_where_sipp_asks_for_md5()
    {
        using PeerLab lab = Trunk();
        using PeerProcess carrier = lab.Sipp("carrier", Carrier, "-m", "1");
        // The first attempt may have come before the carrier.
        Assert.True(PeerLab.Within(90, () => lab.Metric("sbc_trunk_registered", "carrier") == 1), carrier.Output);
        Assert.True(carrier.WaitForExit(20) == 0, carrier.Output + lab.ErrorsOf("carrier", Carrier));
    }

    [Fact]
    public void A_kamailio_challenges_calls_and_when_it_is_killed_they_go_elsewhere_until_it_is_back()
    {
        using PeerLab lab = Trunk();
        PeerProcess kamailio = lab.Kamailio(Carrier, "carrier.cfg");
        Assert.True(PeerLab.Within(90, () => lab.Metric("sbc_trunk_registered", "carrier") == 1), kamailio.Output);
        using PeerProcess callee = lab.Sipp("callee", Callee);
        using PeerProcess spare = lab.Sipp("callee", Spare);

        Call(lab, "over the carrier");
        Assert.Equal(0, Answers(lab, "spare"));
        // All its processes at once: one that is left would answer on.
        kamailio.Dispose();
        Assert.True(PeerLab.Within(60, () => lab.Metric("sbc_trunk_registered", "carrier") == 0), "it is not missed");
        Call(lab, "over the spare one");
        double spares = Answers(lab, "spare");
        Assert.True(spares >= 5, "not over the spare one");

        using PeerProcess again = lab.Kamailio(Carrier, "carrier.cfg");
        Assert.True(PeerLab.Within(120, () => lab.Metric("sbc_trunk_registered", "carrier") == 1), again.Output);
        Call(lab, "over the carrier again");
        Assert.Equal(spares, Answers(lab, "spare"));
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_calls_active") == 0), "calls are left");
        Assert.True(lab.Metric("sbc_dropped_total", "reason=\"internal_error\"") is double.NaN or 0);
        Assert.True(lab.Metric("sbc_audit_findings_total") is double.NaN or 0, "the auditor found something");
    }

    private static PeerLab Trunk() => new($$"""
        peers:
          carrier:
            realm: core
            uri: "sip:{{Carrier}}:5060"
            auth: {user: acme, password: trunk-secret, register: true, expires_seconds: 60}
          spare: {realm: core, uri: "sip:{{Spare}}:5060"}
        groups:
          trunks:
            peers: [{name: carrier, priority: 1}, {name: spare, priority: 2}]
            balance: priority
            probe: {interval_seconds: 0}
        routes:
          - {name: out, from: edge, to: trunks}
          - {name: in, from: core, to: {reject: 404} }
        """);

    /// <summary>2xx that a peer has given, to INVITE or BYE.</summary>
    private static double Answers(PeerLab lab, string peer) =>
        lab.Metric("sbc_peer_responses_total", $"\"{peer}\"", "\"2xx\"") is var count and > 0 ? count : 0;

    private static void Call(PeerLab lab, string how)
    {
        using PeerProcess caller = lab.Sipp("caller", Caller, $"{PeerLab.Edge}:5060", "-m", "5", "-r", "10",
            "-d", "200", "-recv_timeout", "20000");
        Assert.True(caller.WaitForExit(60) == 0, $"{how}: {caller.Output}{lab.ErrorsOf("caller", Caller)}");
    }
}
