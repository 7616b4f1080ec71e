using System.Security.Cryptography;
using System.Text;
using Sbc.Perf.Subjects;

namespace Sbc.Perf.Registrations;

/// <summary>This program as a registrar of its own.</summary>
/// <param name="keeps">Its bindings are in SQLite too, as they are by default.</param>
internal sealed class SbcRegistrar(string name, string workers, bool challenges, bool keeps = false) : Registrar
{
    public override string Name => name;
    public override bool Challenges => challenges;

    public override string? Missing(Workspace workspace) =>
        File.Exists(workspace.Sbc) ? null : $"{workspace.Sbc} is not there; make build leaves it";

    public override RunningSubject Start(Workspace workspace, string folder, int users)
    {
        using (var lines = new StreamWriter(Path.Combine(folder, "users")))
        {
            for (var i = 0; i < users; i++)
                lines.Write($"{User(i)} {Hash(MD5.HashData, User(i))} {Hash(SHA256.HashData, User(i))}\n");
        }
        return new(SbcProgram.StartProcess(workspace, folder, Configuration()));
    }

    private static string Hash(Func<byte[], byte[]> hash, string user) =>
        Convert.ToHexStringLower(hash(Encoding.UTF8.GetBytes($"{user}:{Domain}:{Password}")));

    private string Configuration() => $$"""
        workers: {{workers}}
        realms:
          edge:
            trust: untrusted
            listen: [udp://{{Topology.Edge}}:{{Topology.SipPort}}]
            limits: {messages_per_second_per_source: 1000000, registrations_per_second_per_source: 1000000}
        registrar:
          mode: local
          domains: [{{Domain}}]
          users_file: users
          authenticate: {{(challenges ? "true" : "false")}}
          algorithms: [md5]            # what SIPp 3.6 has
          registrations_max: 2000000
          store: {{(keeps ? "registrations.db" : "none")}}
        routes:
          - {name: phones, from: edge, to: registered}
        guard: {kernel: off}
        admin: {listen: "http://127.0.0.1:{{Topology.AdminPort}}"}

        """;
}
