using Sbc.Engine.Config;
using Sbc.Program.Configuration;
using Sbc.Program.Logging;

namespace Sbc.Program.Serving;

/// <summary>
/// Reads the table of the users again when its database changes, on a thread of its own. What cannot be read changes
/// nothing: the users of before stay, and it is tried again.
/// </summary>
public sealed class UsersFollower : IDisposable
{
    /// <summary>A new user waits no longer than that; a look costs two calls to the system.</summary>
    private const int LookMilliseconds = 1000;

    private readonly Server _server;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private string _failure = "";

    public UsersFollower(Server server)
    {
        _server = server;
        _thread = new Thread(Run) { Name = "users", IsBackground = true };
    }

    public void Start() => _thread.Start();

    private void Run()
    {
        while (!_stop.Wait(LookMilliseconds))
        {
            if (_server.Config.Registrar is { UsersTable: { } table } registrar) Look(registrar, table);
        }
    }

    private void Look(RegistrarConfig registrar, UsersTableConfig table)
    {
        if (UsersDatabase.StampOf(table.File) == table.Stamp) return;
        try
        {
            UsersTableConfig read = UsersDatabase.Read(table.File, table.Query, registrar.Domains);
            if (!registrar.CanAsk(read.Users.HasMd5, read.Users.HasSha256))
                throw new UsersDatabaseException("there is no algorithm that every user has a hash for");
            _failure = "";
            if (_server.TryPublishUsers(table, read)) Report(table, read);
        }
        catch (UsersDatabaseException unreadable)
        {
            // Once for each cause, and not each second.
            if (unreadable.Message == _failure) return;
            _failure = unreadable.Message;
            _server.Log.Write(new LogLine(
                LogLevel.Error, "users_unreadable", $"the users of before stay: {unreadable.Message}",
                ("file", table.File), ("error", unreadable.Message)));
        }
    }

    private void Report(UsersTableConfig before, UsersTableConfig read) => _server.Log.Write(new LogLine(
        LogLevel.Info, "users", $"{read.File} has changed: {read.Users.Count} users, {before.Users.Count} before",
        ("file", read.File), ("users", $"{read.Users.Count}")));

    public void Dispose()
    {
        _stop.Set();
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted)) _thread.Join();
        _stop.Dispose();
    }
}
