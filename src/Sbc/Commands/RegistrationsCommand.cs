using System.CommandLine;
using Sbc.Program.Admin;

namespace Sbc.Program.Commands;

/// <summary><c>sbc registrations</c>: who is registered; <c>--find USER</c> one of them, <c>--remove USER</c> away.
/// </summary>
public static class RegistrationsCommand
{
    public static Command Create()
    {
        var find = new Option<string?>("--find") { Description = "Only users whose address begins so" };
        var remove = new Option<string?>("--remove") { Description = "Remove the registrations of this user" };
        Command command = AdminCommand.Create(
            "registrations", "List, find and remove the registrations of a running box",
            parsed => parsed.GetValue(remove) is null ? HttpMethod.Get : HttpMethod.Delete,
            parsed => Path(parsed.GetValue(find), parsed.GetValue(remove)),
            AdminJson.Default.RegistrationsReport, Show);
        command.Options.Add(find);
        command.Options.Add(remove);
        return command;
    }

    private static string Path(string? find, string? remove)
    {
        if (remove is not null) return $"/api/v1/registrations/{Uri.EscapeDataString(remove)}";
        return find is null ? "/api/v1/registrations" : $"/api/v1/registrations?user={Uri.EscapeDataString(find)}";
    }

    private static void Show(RegistrationsReport report, Screen screen)
    {
        if (report.Removed is { } removed)
        {
            screen.Line($"{removed} removed");
            return;
        }
        screen.Table(
            ["user", "contact", "realm", "source", "expires", "q", "nat", "user agent"],
            [.. report.Registrations.Select(binding => new[]
            {
                binding.User, binding.Contact, binding.Realm, binding.Source, $"{binding.ExpiresSeconds} s",
                $"{binding.Q:0.###}", binding.Nat ? "yes" : "no", binding.UserAgent,
            })]);
        string cut = report.Complete ? "" : $"; this list, of {report.Registrations.Count}, is not all of them";
        screen.Line($"{report.RegistrationsActive} registrations{cut}");
    }
}
