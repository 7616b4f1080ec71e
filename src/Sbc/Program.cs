using System.CommandLine;
using Sbc.Program.Commands;

var root = new RootCommand("SIP load balancer and session border controller")
{
    RunCommand.Create(),
    CheckCommand.Create(),
    VersionCommand.Create(),
};
return root.Parse(args).Invoke();
