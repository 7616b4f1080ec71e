using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using Sbc.Engine.Config;
using Sbc.Engine.Registrations;
using SQLitePCL;

namespace Sbc.Program.Configuration;

/// <summary>
/// The database of <c>registrar.users: {sqlite: FILE}</c>: read whole in one statement, so that what is served is what
/// one commit left, and never written. All of it counts or nothing does.
/// </summary>
public static class UsersDatabase
{
    /// <summary>A writer that holds the file longer than that is an operator's mistake, and says so.</summary>
    private const int LockedSecondsMax = 2;

    /// <summary>A user in bytes; what a canonical address-of-record may have.</summary>
    private const int UserBytesMax = 128;

    private const int Columns = 4;

    /// <param name="domains">Those that are served: rows of others are left out, the table may be shared.</param>
    /// <exception cref="UsersDatabaseException">It is missing, locked or broken, or a row is no user.</exception>
    public static UsersTableConfig Read(string file, string query, IReadOnlyList<string> domains)
    {
        // Before the rows: what is written while they are read is seen as a change afterwards.
        string stamp = IsSettled(file) ? StampOf(file) : "";
        if (!File.Exists(file)) throw new UsersDatabaseException($"there is no database {file}; {HowToMake}");
        // Linked into the executable; a test finds the library of the machine.
        raw.SetProvider(new SQLite3Provider_sqlite3());
        try
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = file, Mode = SqliteOpenMode.ReadOnly, Pooling = false,
                DefaultTimeout = LockedSecondsMax,
            }.ToString());
            connection.Open();
            using SqliteCommand select = connection.CreateCommand();
            select.CommandText = query;
            using SqliteDataReader rows = select.ExecuteReader();
            if (rows.FieldCount != Columns)
            {
                throw new UsersDatabaseException(
                    $"the query gives {rows.FieldCount} columns; it has {Columns}: user, domain, HA1 by MD5, HA1 by "
                    + "SHA-256");
            }
            byte[][] served = [.. domains.Select(Lower)];
            return new UsersTableConfig
            {
                File = file, Query = query, Users = new UserTable(Users(rows, file, served)), Stamp = stamp,
            };
        }
        catch (SqliteException broken)
        {
            throw new UsersDatabaseException(WhyNot(file, broken), broken);
        }
    }

    /// <summary>Times and lengths of the file and of its log. A commit changes one of them.</summary>
    public static string StampOf(string file) => string.Join(' ', new[] { file, $"{file}-wal" }.Select(each =>
    {
        var info = new FileInfo(each);
        return info.Exists
            ? string.Create(CultureInfo.InvariantCulture, $"{info.LastWriteTimeUtc.Ticks} {info.Length}")
            : "-";
    }));

    /// <summary>Whether a commit from now on shows in the stamp: a clock that stands still for some milliseconds would
    /// hide one that comes right after another.</summary>
    private static bool IsSettled(string file) => new[] { file, $"{file}-wal" }.All(each =>
        !File.Exists(each) || DateTime.UtcNow - File.GetLastWriteTimeUtc(each) > TimeSpan.FromSeconds(1));

    private static IEnumerable<UserSecret> Users(SqliteDataReader rows, string file, byte[][] domains)
    {
        int number = 0;
        while (rows.Read())
        {
            number++;
            string where = $"row {number} of {file}";
            string user = rows.GetValue(0) switch
            {
                string text => text,
                long digits => digits.ToString(CultureInfo.InvariantCulture),
                _ => "",
            };
            if (user.Length == 0 || Encoding.UTF8.GetByteCount(user) > UserBytesMax || user.Contains(':') ||
                user.Any(char.IsControl)) throw new UsersDatabaseException($"{where} has no user, such as alice");
            byte[]? domain = DomainOf(rows.GetValue(1), domains);
            if (domain is null) continue;
            yield return new UserSecret(
                Encoding.UTF8.GetBytes(user), domain, Hash(rows.GetValue(2), 16, $"{where}, \"{user}\""),
                Hash(rows.GetValue(3), 32, $"{where}, \"{user}\""));
        }
    }

    /// <summary>The served one that is written there, so that all rows share its bytes; null: it is not served.
    /// </summary>
    private static byte[]? DomainOf(object value, byte[][] domains)
    {
        if (value is not string text) return domains.FirstOrDefault();
        byte[] lower = Lower(text);
        return Array.Find(domains, served => served.AsSpan().SequenceEqual(lower));
    }

    private static byte[]? Hash(object value, int bytes, string where) => value switch
    {
        DBNull => null,
        string text when text.Length == bytes * 2 && text.All(char.IsAsciiHexDigit) => Convert.FromHexString(text),
        _ => throw new UsersDatabaseException(
            $"{where}: a hash has {bytes * 2} hexadecimal digits, or is NULL; sbc hash makes it"),
    };

    private static string WhyNot(string file, SqliteException broken) => broken.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
            $"{file} is no database, or is broken ({broken.Message}); put a backup in its place, or repair it with: "
            + $"sqlite3 {file} .recover | sqlite3 {file}.new",
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
            $"{file} is locked by another process; it must end its transaction",
        raw.SQLITE_ERROR => $"the query of users fails ({broken.Message}); {HowToMake}",
        _ => $"{file} cannot be read: {broken.Message}",
    };

    private const string HowToMake = "the table is made by: CREATE TABLE users (user TEXT, domain TEXT, ha1_md5 TEXT, "
        + "ha1_sha256 TEXT, PRIMARY KEY (user, domain))";

    private static byte[] Lower(string domain) => Encoding.UTF8.GetBytes(domain.ToLowerInvariant());
}
