using Sbc.Perf;
using Sbc.Perf.Machine;
using Sbc.Perf.Media;
using Sbc.Perf.Registrations;
using Sbc.Perf.Report;
using Sbc.Perf.Signalling;

// Whole-system load through this program and through what one would pick instead; see perf/README.md.
if (!Options.TryParse(args, out var options, out var problem))
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine(Options.Usage);
    return 2;
}
var root = Workspace.FindRoot();
if (!NetworkNamespace.IsInside)
{
    if (!Workspace.Install(root)) Console.Error.WriteLine("perf: what is missing makes its rows fail, others run");
    return NetworkNamespace.RunInside(args);
}
if (!NetworkNamespace.BringUpLoopback()) return 1;

var workspace = Workspace.Prepare(root, options);
using var network = options.IsVeth ? new VethNetwork() : null;
workspace.Network = network;
if (network is null) VethNetwork.UseLoopback();
var readme = new Readme(Path.Combine(root, "perf", "README.md"));
var problems = new List<string>();
foreach (var suite in options.Suites)
    problems.AddRange(suite switch
    {
        "signalling" => new SignallingSuite(workspace, options, readme).Run(),
        "register" => new RegisterSuite(workspace, options, readme).Run(),
        "media" => new MediaSuite(workspace, options, readme).Run(),
        "media-acceptance" => new MediaAcceptance(workspace, options).Run(),
        _ => new Acceptance(workspace, options).Run(),
    });

foreach (var line in problems) Console.Error.WriteLine($"perf: {line}");
return problems.Count == 0 ? 0 : 1;
