using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Sbc.Program.Registrations;

/// <summary>
/// A statement without rows, run again and again with other values. Beside a command with parameters it boxes nothing
/// and looks no names up: a third of the CPU of a written registration.
/// </summary>
/// <remarks>One thread at a time. The values are given in the order of their places.</remarks>
internal sealed class RowStatement : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _statement;
    private int _place;

    /// <exception cref="SqliteException">The text is wrong, or the file broken.</exception>
    public RowStatement(SqliteConnection connection, string text)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v2(connection.Handle!, text, out _statement));
    }

    /// <summary>The next value is a blob; an empty one is not NULL.</summary>
    public void Add(ReadOnlySpan<byte> blob)
    {
        _place++;
        Check(blob.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, _place, 0)
            : raw.sqlite3_bind_blob(_statement, _place, blob));
    }

    public void Add(long number) => Check(raw.sqlite3_bind_int64(_statement, ++_place, number));

    public void Add(string text) => Check(raw.sqlite3_bind_text(_statement, ++_place, text));

    /// <summary>Runs it with the values that were added.</summary>
    /// <exception cref="SqliteException">Locked, full or broken.</exception>
    public void Run()
    {
        _place = 0;
        int done = raw.sqlite3_step(_statement);
        // It says again what the step said.
        raw.sqlite3_reset(_statement);
        if (done != raw.SQLITE_DONE) Check(done);
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int code)
    {
        if (code == raw.SQLITE_OK) return;
        _place = 0;
        SqliteException.ThrowExceptionForRC(code, _connection.Handle);
    }
}
