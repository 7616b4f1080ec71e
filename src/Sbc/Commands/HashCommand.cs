using System.CommandLine;
using System.Text;
using Sbc.Sip.Authentication;

namespace Sbc.Program.Commands;

/// <summary><c>sbc hash --user USER --domain DOMAIN</c>: the hashes of a password, which is read from standard input;
/// a line for <c>users_file</c>, or a statement for the table of users.</summary>
public static class HashCommand
{
    public static Command Create()
    {
        var user = new Option<string>("--user") { Description = "alice", Required = true };
        var domain = new Option<string>("--domain")
        {
            Description = "The domain of the user, as registrar.domains has it", Required = true,
        };
        var sql = new Option<bool>("--sql") { Description = "Print a statement for the table of registrar.users" };
        var command = new Command("hash", "Make the hashes of a password, which is read from standard input")
        {
            user, domain, sql,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(user)!, parsed.GetValue(domain)!, Console.In, parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error, parsed.GetValue(sql)));
        return command;
    }

    public static int Run(
        string user, string domain, TextReader input, TextWriter output, TextWriter error, bool sql = false)
    {
        string password = input.ReadLine() ?? "";
        if (password.Length == 0 || user.Length == 0 || user.Contains(':'))
        {
            error.WriteLine("sbc: the password is a line on standard input, and a user has no colon");
            return 1;
        }
        domain = domain.ToLowerInvariant();
        string md5 = Hash(DigestAlgorithm.Md5, user, domain, password);
        string sha256 = Hash(DigestAlgorithm.Sha256, user, domain, password);
        output.WriteLine(sql
            ? "INSERT OR REPLACE INTO users (user, domain, ha1_md5, ha1_sha256) VALUES "
                + $"({Quoted(user)}, {Quoted(domain)}, '{md5}', '{sha256}');"
            : $"{user}@{domain} {md5} {sha256}");
        return 0;
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Hash(DigestAlgorithm algorithm, string user, string domain, string password)
    {
        byte[] hash = new byte[algorithm.Bytes()];
        Digest.TryHashUser(
            algorithm, Encoding.UTF8.GetBytes(user), Encoding.UTF8.GetBytes(domain), Encoding.UTF8.GetBytes(password),
            hash);
        return Convert.ToHexStringLower(hash);
    }
}
