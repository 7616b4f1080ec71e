using Sbc.Perf.Subjects;

namespace Sbc.Perf.Registrations;

/// <summary>Kamailio with registrar and usrloc in memory, as <c>kamailio/registrar.cfg</c> says.</summary>
internal sealed class KamailioRegistrar(string name, bool challenges) : Registrar
{
    private readonly Kamailio kamailio = challenges
        ? new Kamailio(name, "registrar.cfg", "AUTH") { SharedMegabytes = 4096 }
        : new Kamailio(name, "registrar.cfg") { SharedMegabytes = 4096 };

    public override string Name => name;
    public override bool Challenges => challenges;
    public override bool IsReference => true;

    public override string? Missing(Workspace workspace) => kamailio.Missing(workspace);

    public override RunningSubject Start(Workspace workspace, string folder, int users) =>
        kamailio.Start(workspace, folder);
}
