using Microsoft.Data.Sqlite;

namespace Sbc.Program.Registrations;

/// <summary>
/// Moves what was written from the log into the file, on a thread and a connection of its own: it waits for the disk
/// (fsync), and who writes a batch must not, or kill -9 would lose all that came in meanwhile.
/// </summary>
/// <remarks>
/// The log begins anew only when all of it was moved between two batches. Where the disk is too slow for that it grows,
/// and at <see cref="LogPagesMax"/> the writer is held up once.
/// </remarks>
internal sealed class RegistrationCheckpoints : IDisposable
{
    /// <summary>Two waits for the disk in this time; the log of a busy box has tens of megabytes by then.</summary>
    private const int IntervalMilliseconds = 5000;

    /// <summary>Each moves what came in during the one before, which is less each time.</summary>
    private const int PassesMax = 4;

    /// <summary>256 MiB.</summary>
    private const long LogPagesMax = 65_536;

    private readonly SqliteConnection _connection;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    /// <param name="path">Of a file that is open elsewhere, as <see cref="RegistrationFile"/> leaves it.</param>
    /// <exception cref="SqliteException">It cannot be opened.</exception>
    public RegistrationCheckpoints(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path, Pooling = false, DefaultTimeout = 1,
        }.ToString());
        _connection.Open();
        _thread = new Thread(Run) { Name = "checkpoint", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Stops; what is left in the log stays there, and is as good as in the file.</summary>
    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _connection.Dispose();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.Wait(IntervalMilliseconds))
        {
            try
            {
                Checkpoint();
            }
            catch (SqliteException)
            {
                // Locked, full or broken: who writes finds the same and says so; the next second tries again.
            }
        }
    }

    private void Checkpoint()
    {
        long pages = 0, left = 1;
        for (int pass = 0; pass < PassesMax && left > 0; pass++) left = Move("PASSIVE", out pages);
        if (left > 0 && pages > LogPagesMax) Move("RESTART", out _);
    }

    /// <param name="pages">Of the log.</param>
    /// <returns>Those among them that are not in the file yet.</returns>
    private long Move(string how, out long pages)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = $"PRAGMA wal_checkpoint({how})";
        using SqliteDataReader row = command.ExecuteReader();
        row.Read();
        pages = row.GetInt64(1);
        return pages - row.GetInt64(2);
    }
}
