using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sbc.Program.Registrations;

/// <summary>The SQLite file that registrations are kept in (WAL): what was committed survives kill -9.</summary>
/// <remarks>One thread at a time. Texts are blobs: a URI may hold any byte.</remarks>
public sealed class RegistrationFile : IDisposable
{
    private const int Version = 1;

    private const string Schema = """
        CREATE TABLE IF NOT EXISTS bindings (
            aor BLOB NOT NULL, contact BLOB NOT NULL, call_id BLOB NOT NULL, cseq INTEGER NOT NULL,
            path BLOB NOT NULL, instance BLOB NOT NULL, reg_id INTEGER NOT NULL, user_agent BLOB NOT NULL,
            features BLOB NOT NULL, quality INTEGER NOT NULL, traits INTEGER NOT NULL, listener TEXT NOT NULL,
            remote TEXT NOT NULL, expires_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
            core_id BLOB NOT NULL, service_route BLOB NOT NULL, identities BLOB NOT NULL,
            core_expires_at INTEGER NOT NULL, core_refresh_at INTEGER NOT NULL);
        CREATE INDEX IF NOT EXISTS bindings_aor ON bindings (aor);
        CREATE TABLE IF NOT EXISTS keys (name TEXT PRIMARY KEY, value BLOB NOT NULL);
        """;

    private static readonly StoredCore NoCore = new([], [], [], 0, 0);

    private readonly SqliteConnection _connection;
    private readonly RowStatement _delete;
    private readonly RowStatement _insert;
    private readonly RegistrationCheckpoints _checkpoints;
    private SqliteTransaction? _transaction;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="RegistrationFileException">It cannot be opened, or is broken; the text says what to do.
    /// </exception>
    public RegistrationFile(string path)
    {
        // Linked into the executable; a test finds the library of the machine.
        raw.SetProvider(new SQLite3Provider_sqlite3());
        Path = path;
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path, Pooling = false, DefaultTimeout = 5,
        }.ToString());
        try
        {
            _connection.Open();
            Check();
            Run("PRAGMA journal_mode = WAL");
            Run("PRAGMA synchronous = NORMAL");
            // A batch must not wait for a reader longer than a batch's time.
            Run("PRAGMA busy_timeout = 200");
            Run(Schema);
            Run($"PRAGMA user_version = {Version}");
            GruuKey = KeyOf("gruu");
            // From here on only the checkpoints wait for the disk; a batch outlives the process without that.
            Run("PRAGMA wal_autocheckpoint = 0");
            Run("PRAGMA synchronous = OFF");
            _checkpoints = new RegistrationCheckpoints(path);
        }
        catch (SqliteException broken)
        {
            _connection.Dispose();
            throw new RegistrationFileException(WhyNot(path, broken), broken);
        }
        catch (RegistrationFileException)
        {
            _connection.Dispose();
            throw;
        }
        _delete = new RowStatement(_connection, "DELETE FROM bindings WHERE aor = ?");
        _insert = new RowStatement(
            _connection, "INSERT INTO bindings VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    }

    public string Path { get; }

    /// <summary>16 secret bytes, the same as long as there is the file: what was sealed with them before a restart is
    /// read after it.</summary>
    public byte[] GruuKey { get; } = [];

    /// <summary>All that has not expired.</summary>
    /// <param name="now">Microseconds from 1970 on.</param>
    public IEnumerable<StoredBinding> Load(long now)
    {
        using SqliteCommand select = _connection.CreateCommand();
        select.CommandText = "SELECT * FROM bindings WHERE max(expires_at, core_expires_at) > $now ORDER BY rowid";
        select.Parameters.AddWithValue("$now", now);
        using SqliteDataReader row = select.ExecuteReader();
        while (row.Read())
        {
            yield return new StoredBinding(
                Bytes(row, 0), Bytes(row, 1), Bytes(row, 2), row.GetInt64(3), Bytes(row, 4), Bytes(row, 5),
                row.GetInt64(6), Bytes(row, 7), Bytes(row, 8), row.GetInt32(9), row.GetInt32(10), row.GetString(11),
                row.GetString(12), row.GetInt64(13), row.GetInt64(14), CoreOf(row));
        }
    }

    /// <summary>Begins a batch.</summary>
    /// <exception cref="SqliteException">Locked, full or broken, as from all that follow.</exception>
    public void Begin() => _transaction = _connection.BeginTransaction(deferred: false);

    public void DeleteAll() => Run("DELETE FROM bindings");

    public void Delete(ReadOnlySpan<byte> aor)
    {
        _delete.Add(aor);
        _delete.Run();
    }

    public void Insert(StoredBinding binding)
    {
        StoredCore core = binding.Core ?? NoCore;
        _insert.Add(binding.Aor);
        _insert.Add(binding.Contact);
        _insert.Add(binding.CallId);
        _insert.Add(binding.CSeq);
        _insert.Add(binding.Path);
        _insert.Add(binding.Instance);
        _insert.Add(binding.RegId);
        _insert.Add(binding.UserAgent);
        _insert.Add(binding.Features);
        _insert.Add(binding.Quality);
        _insert.Add(binding.Traits);
        _insert.Add(binding.Listener);
        _insert.Add(binding.Remote);
        _insert.Add(binding.ExpiresAt);
        _insert.Add(binding.UpdatedAt);
        _insert.Add(core.Id);
        _insert.Add(core.ServiceRoute);
        _insert.Add(core.Identities);
        _insert.Add(core.ExpiresAt);
        _insert.Add(core.RefreshAt);
        _insert.Run();
    }

    public void Commit() => _transaction!.Commit();

    /// <summary>Ends a batch, whether it was committed or not.</summary>
    public void End()
    {
        _transaction?.Dispose();
        _transaction = null;
    }

    public void Dispose()
    {
        _checkpoints.Dispose();
        // The last one to close moves the rest of the log into the file.
        Run("PRAGMA synchronous = NORMAL");
        _delete.Dispose();
        _insert.Dispose();
        _connection.Dispose();
    }

    private byte[] KeyOf(string name)
    {
        using SqliteCommand insert = _connection.CreateCommand();
        insert.CommandText = "INSERT OR IGNORE INTO keys VALUES ($name, $fresh)";
        insert.Parameters.AddWithValue("$name", name);
        insert.Parameters.AddWithValue("$fresh", RandomNumberGenerator.GetBytes(16));
        insert.ExecuteNonQuery();
        using SqliteCommand select = _connection.CreateCommand();
        select.CommandText = "SELECT value FROM keys WHERE name = $name";
        select.Parameters.AddWithValue("$name", name);
        return (byte[])select.ExecuteScalar()!;
    }

    private void Check()
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        string? found = command.ExecuteScalar() as string;
        if (found != "ok") throw new RegistrationFileException($"{Path} is broken ({found}); {Repair(Path)}");
        command.CommandText = "PRAGMA user_version";
        long version = (long)command.ExecuteScalar()!;
        if (version > Version)
            throw new RegistrationFileException($"{Path} was made by a newer version of sbc; {Repair(Path)}");
    }

    /// <summary>What the operator can do about it.</summary>
    public static string WhyNot(string path, SqliteException broken) => broken.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => $"{path} is broken ({broken.Message}); {Repair(path)}",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED => $"{path} is locked by another process; stop it, or name another store",
        _ => $"{path} cannot be opened: {broken.Message}",
    };

    private static string Repair(string path) =>
        $"repair it with: sqlite3 {path} .recover | sqlite3 {path}.new, and put that in its place; or move it away, " +
        "and phones are known again when they refresh";

    private void Run(string text)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static StoredCore? CoreOf(SqliteDataReader row) => Bytes(row, 15).Length == 0 ? null
        : new StoredCore(Bytes(row, 15), Bytes(row, 16), Bytes(row, 17), row.GetInt64(18), row.GetInt64(19));

    /// <summary>Texts too, which a repair by hand may have made of them.</summary>
    private static byte[] Bytes(SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);
}
