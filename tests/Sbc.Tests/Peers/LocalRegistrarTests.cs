using System.Buffers.Binary;
using System.Text.Json;
using Xunit;

namespace Sbc.Tests.Peers;

/// <summary>Real phones at a registrar of the box's own: who they are, and how they call each other.</summary>
[Trait("tier", "peers")]
[Collection("one box at a time")]
public class LocalRegistrarTests
{
    private const string Alice = "127.1.0.41";
    private const string Bob = "127.1.0.42";

    [Fact]
    public void Two_phones_register_call_each_other_hear_each_other_and_are_gone_when_they_leave()
    {
        using PeerLab lab = Registrar("[md5]");
        double free = lab.Metric("sbc_media_ports_free");
        using var alice = Phone(lab, "alice", Alice, 10000);
        var bob = Phone(lab, "bob", Bob, 10200);
        AssertRegistered(lab, 2);

        foreach ((BaresipPhone caller, BaresipPhone callee, BaresipPhone ending) in
            new[] { (alice, bob, alice), (bob, alice, alice) })
        {
            caller.Do("dial", $"sip:{callee.User}@{PeerLab.Edge}");
            callee.WaitFor("CALL_INCOMING");
            callee.Do("accept");
            callee.WaitFor("CALL_ESTABLISHED");
            caller.WaitFor("CALL_ESTABLISHED");
            Assert.True(PeerLab.Within(40, () => PacketsOfBoth(lab) >= 100), "no audio both ways");
            ending.Do("hangup");
            (ending == alice ? bob : alice).WaitFor("CALL_CLOSED");
            Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_calls_active") == 0), "a call is left");
        }
        // It unregisters when it is told to go.
        bob.Dispose();
        AssertRegistered(lab, 1);
        Assert.Equal([true, true], bob.HeardFiles.Select(IsAudible));
        alice.Dispose();
        AssertRegistered(lab, 0);
        Assert.Equal([true, true], alice.HeardFiles.Select(IsAudible));
        Assert.True(PeerLab.Within(20, () => lab.Metric("sbc_media_ports_free") == free), "ports are left");
        Assert.True(lab.Metric("sbc_dropped_total", "reason=\"internal_error\"") is double.NaN or 0);
        Assert.True(lab.Metric("sbc_audit_findings_total") is double.NaN or 0, "the auditor found something");
    }

    [Fact]
    public void Sipp_registers_with_md5_and_with_a_wrong_password_it_does_not()
    {
        using PeerLab lab = Registrar("[md5]");
        string right = lab.Write(
            "right.csv", "SEQUENTIAL\nalice;[authentication username=alice password=alice-secret]\n");
        using PeerProcess phone = lab.Sipp("register_local", Alice, $"{PeerLab.Edge}:5060", "-inf", right,
            "-auth_uri", PeerLab.Edge, "-m", "1", "-recv_timeout", "10000");
        Assert.True(phone.WaitForExit(30) == 0, phone.Output + lab.ErrorsOf("register_local", Alice));
        Assert.Equal(1, lab.Metric("sbc_registrations_active"));
        string wrong = lab.Write("wrong.csv", "SEQUENTIAL\nbob;[authentication username=bob password=guess]\n");
        using PeerProcess thief = lab.Sipp("register_refused", Bob, $"{PeerLab.Edge}:5060", "-inf", wrong,
            "-auth_uri", PeerLab.Edge, "-m", "1", "-recv_timeout", "10000");
        Assert.True(thief.WaitForExit(30) == 0, thief.Output + lab.ErrorsOf("register_refused", Bob));
        Assert.Equal(1, lab.Metric("sbc_registrations_active"));
        Assert.Equal(1, lab.Metric("sbc_auth_failures_total", "\"edge\""));
    }

    [Fact]
    public void Linphone_registers_with_sha_256_where_nothing_else_is_asked_for()
    {
        using PeerLab lab = Registrar("[sha256]");
        string home = lab.Folder("linphone");
        // Where it keeps its own database; without that it starts and does nothing.
        lab.Folder(Path.Combine("linphone", ".local", "share", "linphone"));
        string config = lab.Write(Path.Combine("linphone", "linphonerc"), $"""
            [sip]
            default_proxy=0
            guess_hostname=0
            sip_port=5070
            sip_tcp_port=0
            sip_tls_port=0
            [auth_info_0]
            username=alice
            passwd=alice-secret
            realm={PeerLab.Edge}
            domain={PeerLab.Edge}
            algorithm=SHA-256
            available_algorithms=SHA-256
            [proxy_0]
            reg_proxy=<sip:{PeerLab.Edge};transport=udp>
            reg_identity=sip:alice@{PeerLab.Edge}
            reg_expires=600
            reg_sendregister=1
            publish=0

            """);
        using PeerProcess phone = lab.Start("env", $"HOME={home}", "linphonec", "-c", config, "-d", "6");
        Assert.True(PeerLab.Within(30, () => lab.Metric("sbc_registrations_active") == 1), phone.Output);
        Assert.Contains("Authorization:  Digest", phone.Output);
        Assert.Contains("algorithm=SHA-256, username=\"alice\"", phone.Output);
    }

    private static PeerLab Registrar(string algorithms) => new($$"""
        registrar:
          domains: [{{PeerLab.Edge}}]
          algorithms: {{algorithms}}
          users: [{user: alice, password: alice-secret}, {user: bob, password: bob-secret}]
        routes:
          - {name: phones, from: edge, to: registered}
        """, latching: "open", edge: "authenticate: true");

    private static void AssertRegistered(PeerLab lab, int count) => Assert.True(
        PeerLab.Within(20, () => lab.Metric("sbc_registrations_active") == count), $"not {count} are registered");

    private static BaresipPhone Phone(PeerLab lab, string user, string address, int firstPort) => new(
        lab, user, address, PeerLab.Edge, firstPort, $"auth_pass={user}-secret;regint=60");

    /// <summary>RTP of that side of the one call of which there is less.</summary>
    private static long PacketsOfBoth(PeerLab lab)
    {
        JsonElement calls = lab.Api("calls").GetProperty("calls");
        if (calls.GetArrayLength() == 0 || calls[0].GetProperty("media").GetArrayLength() == 0) return 0;
        JsonElement line = calls[0].GetProperty("media")[0];
        return Math.Min(
            line.GetProperty("ingress").GetProperty("packets").GetInt64(),
            line.GetProperty("egress").GetProperty("packets").GetInt64());
    }

    /// <summary>Whether a WAV file of 16 bits holds a second of more than silence.</summary>
    private static bool IsAudible(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        int loud = 0;
        for (int at = 44; at + 1 < bytes.Length; at += 2)
        {
            if (Math.Abs((int)BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(at))) > 500) loud++;
        }
        return loud > 4000;
    }
}
