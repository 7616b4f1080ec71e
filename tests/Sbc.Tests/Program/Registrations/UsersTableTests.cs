using System.Net;
using Microsoft.Data.Sqlite;
using Sbc.Program.Commands;
using Sbc.Program.Configuration;
using SQLitePCL;
using Xunit;

namespace Sbc.Tests.Program.Registrations;

/// <summary>Users in a table of a SQLite database: <c>registrar.users: {sqlite: FILE}</c>.</summary>
public sealed class UsersTableTests : IDisposable
{
    private const string Table =
        "CREATE TABLE users (user TEXT, domain TEXT, ha1_md5 TEXT, ha1_sha256 TEXT, PRIMARY KEY (user, domain));";

    private readonly ScratchFolder _folder = new();

    private string Database => Path.Combine(_folder.Root, "users.db");

    public UsersTableTests() => raw.SetProvider(new SQLite3Provider_sqlite3());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_user_of_the_table_registers_with_each_algorithm()
    {
        Run(Table + RowOf("alice", "wonderland"));
        await using RunningBox box = await RunningBox.StartAsync(Yaml());
        using var phone = new DigestPhone("alice", "wonderland");
        Assert.Equal(200, await phone.RegisterAsync(box.Listener(0), sha256: true));
        Assert.Equal(200, await phone.RegisterAsync(box.Listener(0), sha256: false));
        using var thief = new DigestPhone("alice", "looking-glass");
        Assert.Equal(401, await thief.RegisterAsync(box.Listener(0), sha256: true));
    }

    [Fact]
    public async Task Who_is_added_to_the_table_is_known_without_a_reload_and_who_is_removed_is_not()
    {
        Run(Table + RowOf("alice", "wonderland"));
        await using RunningBox box = await RunningBox.StartAsync(Yaml());
        using var bob = new DigestPhone("bob", "builder");
        Assert.Equal(401, await bob.RegisterAsync(box.Listener(0)));
        Run("PRAGMA journal_mode = WAL;" + RowOf("bob", "builder"));
        await box.UntilLoggedAsync("2 users, 1 before");
        Assert.Equal(200, await bob.RegisterAsync(box.Listener(0)));
        Run("DELETE FROM users WHERE user = 'bob'");
        await box.UntilLoggedAsync("1 users, 2 before");
        Assert.Equal(401, await bob.RegisterAsync(box.Listener(0)));
    }

    [Fact]
    public async Task A_database_that_breaks_changes_nothing_and_the_operator_is_told()
    {
        Run(Table + RowOf("alice", "wonderland"));
        await using RunningBox box = await RunningBox.StartAsync(Yaml());
        using var alice = new DigestPhone("alice", "wonderland");
        File.WriteAllText(Database, new string('x', 8192));
        await box.UntilLoggedAsync("users of before stay");
        Assert.Equal(200, await alice.RegisterAsync(box.Listener(0)));
        (int status, string problems) = await box.PostAsync("/api/v1/reload");
        Assert.NotEqual(200, status);
        Assert.Contains("is no database, or is broken", problems);
        Assert.Equal(200, await alice.RegisterAsync(box.Listener(0)));
        // A new one in its place.
        File.Delete(Database);
        Run(Table + RowOf("alice", "wonderland") + RowOf("bob", "builder"));
        await box.UntilLoggedAsync("2 users, 1 before");
    }

    [Fact]
    public void A_missing_database_is_named_with_the_way_to_make_it() =>
        Assert.Contains("4:10: error: there is no database", Assert.Single(_folder.Problems(Yaml())));

    [Fact]
    public void A_broken_database_is_named()
    {
        _folder.Write("users.db", new string('x', 5000));
        Assert.Contains("4:10: error: ", Assert.Single(_folder.Problems(Yaml())));
        Assert.Contains("is no database, or is broken", Assert.Single(_folder.Problems(Yaml())));
    }

    [Fact]
    public void A_truncated_database_is_named()
    {
        Run(Table + string.Concat(Enumerable.Range(0, 200).Select(i => RowOf($"user{i}", "x"))));
        using (FileStream file = File.OpenWrite(Database)) file.SetLength(file.Length / 2);
        Assert.Contains("is no database, or is broken", Assert.Single(_folder.Problems(Yaml())));
    }

    [Fact]
    public void A_locked_database_is_named()
    {
        Run(Table + RowOf("alice", "wonderland"));
        using var other = new SqliteConnection($"Data Source={Database};Pooling=False");
        other.Open();
        using var hold = other.CreateCommand();
        hold.CommandText = "BEGIN EXCLUSIVE";
        hold.ExecuteNonQuery();
        Assert.Contains("is locked by another process", Assert.Single(_folder.Problems(Yaml())));
    }

    [Theory]
    [InlineData("CREATE TABLE people (name TEXT)", "the query of users fails", "no such table: users")]
    [InlineData(Table + "INSERT INTO users VALUES ('alice', NULL, 'abc', NULL)", "row 1 of ", "32 hexadecimal digits")]
    [InlineData(Table + "INSERT INTO users VALUES ('a:b', NULL, NULL, NULL)", "row 1 of ", "has no user")]
    [InlineData(Table + "INSERT INTO users VALUES ('alice', NULL, NULL, NULL)", "there is no algorithm", "")]
    public void A_table_that_is_none_is_named(string sql, string first, string second)
    {
        Run(sql);
        string problem = Assert.Single(_folder.Problems(Yaml()));
        Assert.Contains(first, problem);
        Assert.Contains(second, problem);
    }

    [Fact]
    public void Another_table_is_read_by_a_query_and_rows_of_other_domains_are_left_out()
    {
        Run("CREATE TABLE subscriber (username TEXT, domain TEXT, ha1 TEXT);" +
            "INSERT INTO subscriber VALUES ('4711', 'Example.NET', '8c2761db5fd66eb563bddc370e85308e');" +
            "INSERT INTO subscriber VALUES ('alice', 'example.com', 'x');");
        ConfigLoad load = _folder.Load(Yaml(
            ", query: \"SELECT username, domain, ha1, NULL FROM subscriber\""));
        Assert.Empty(load.Problems);
        var users = load.Config!.Registrar!.UsersTable!.Users;
        Assert.Equal(1, users.Count);
        Assert.Equal(0, users.Find("4711@example.net"u8));
        Assert.True(users.HasMd5);
        Assert.False(users.HasSha256);
    }

    [Theory]
    [InlineData("users: {sqlit: DB}", "unknown key \"sqlit\"; did you mean \"sqlite\"?")]
    [InlineData("users: {sqlite: DB}\n  users_file: users.txt", "leave one of the two out")]
    [InlineData("users: {sqlite: DB, query: \"SELECT user FROM users\"}", "the query gives 1 columns; it has 4")]
    public void A_slip_in_the_section_is_named(string lines, string expected)
    {
        Run(Table + RowOf("alice", "wonderland"));
        _folder.Write("users.txt", "");
        string yaml = Yaml().Replace($"users: {{sqlite: {Database} }}", lines.Replace("DB", Database));
        Assert.Contains(_folder.Problems(yaml), problem => problem.Contains(expected));
    }

    private void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>As an operator makes it: <c>sbc hash --sql</c>.</summary>
    private static string RowOf(string user, string password)
    {
        using var output = new StringWriter();
        Assert.Equal(0, HashCommand.Run(user, "example.net", new StringReader(password), output, output, sql: true));
        return output.ToString();
    }

    private string Yaml(string more = "") => $$"""
        realms: {edge: {listen: "udp://127.0.0.1:0", limits: {registrations_per_second_per_source: 99} } }
        routes: [{from: edge, to: registered}]
        registrar:
          users: {sqlite: {{Database}}{{more}} }
          domains: [example.net]
        admin: {listen: "http://127.0.0.1:0"}
        """;
}
