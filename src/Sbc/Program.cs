using System.CommandLine;
using Sbc.Program.Commands;

var root = new RootCommand("SIP load balancer and session border controller")
{
    RunCommand.Create(),
    CheckCommand.Create(),
    ExplainCommand.Create(),
    StatusCommand.Create(),
    CallsCommand.Create(),
    PeersCommand.Create(),
    RegistrationsCommand.Create(),
    HashCommand.Create(),
    ReloadCommand.Create(),
    DrainCommand.Create(),
    VersionCommand.Create(),
};
// SIGTERM and SIGINT are the run command's own: it drains.
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
