using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>A real Kamailio is the core registrar: phones register through the box and are called from behind it.
/// </summary>
[Trait("tier", "peers")]
[Collection("one box at a time")]
public class RegistrarCacheTests
{
    private const int Phones = 40;
    private const int Refreshes = 12;
    private const int Calls = 10;
    private const string Phone = "127.1.0.32";
    private const string Caller = "127.2.0.31";

    [Fact]
    public void Phones_register_with_their_credentials_are_refreshed_in_front_of_it_and_called_from_behind_it()
    {
        SippFlow flow = SippFlow.Load("caller_hangs_up");
        using var lab = new PeerLab("""
            peers:
              registrar: {realm: core, uri: "sip:127.2.0.21:5060"}
            groups:
              farm: {peers: [registrar], probe: {interval_seconds: 1, down_after: 5, up_after: 1}}
            registrar: {mode: relay, to: farm, domains: [example.net]}
            routes:
              - {name: inbound, from: edge, to: farm}
              - {name: outbound, from: core, to: request_uri, realm: edge}
            """);
        using PeerProcess kamailio = lab.Kamailio("127.2.0.21", "registrar.cfg");
        Assert.True(PeerLab.Within(30, () => lab.HasAnswered("registrar")), kamailio.Output);
        using PeerProcess capture = lab.Capture();
        string users = lab.Write("users.csv", "SEQUENTIAL\n" + string.Concat(
            Enumerable.Range(0, Phones).Select(i => i == 0 ? "bob" : $"user{i}").Select(user =>
                $"{user};[authentication username={user} password={user}]\n")));
        using (PeerProcess phones = lab.Sipp("register", Phone, $"{PeerLab.Edge}:5060", "-inf", users,
            "-auth_uri", "example.net", "-m", $"{Phones}", "-r", "20", "-recv_timeout", "40000"))
        {
            int exit = phones.WaitForExit(120);
            Assert.True(exit == 0, phones.Output + lab.ErrorsOf("register", Phone) + kamailio.Output);
        }
        Assert.Equal(2 * Phones, lab.Metric("sbc_registrations_total", "result=\"relayed\""));
        Assert.Equal(Refreshes * Phones, lab.Metric("sbc_registrations_total", "result=\"answered\""));
        using PeerProcess bob = lab.Sipp(flow, "bob", Phone, "-m", $"{Calls}");
        using PeerProcess alice = lab.Sipp(flow, "alice", Caller, "127.2.0.21:5060", "-m", $"{Calls}", "-r", "5",
            "-recv_timeout", "40000");
        string errors = lab.ErrorsOf($"{flow.Name}-alice", Caller) + lab.ErrorsOf($"{flow.Name}-bob", Phone);
        Assert.True(alice.WaitForExit(120) == 0, alice.Output + errors);
        Assert.True(bob.WaitForExit(60) == 0, bob.Output + errors);
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_calls_active") == 0), "calls are left");
        Assert.True(lab.Metric("sbc_dropped_total", "reason=\"internal_error\"") is double.NaN or 0);
        Assert.True(lab.Metric("sbc_audit_findings_total") is double.NaN or 0, "the auditor found something");
        capture.Signal("INT");
        capture.WaitForExit(20);
        (int edge, int core) = Hiding.Check(lab.CaptureFile, ["127.1.0."], ["127.2.0."]);
        Assert.True(edge >= Phones * 2 && core >= Phones * 2, $"{edge} on the edge, {core} in the core were captured");
    }
}
