using System.Text;
using Microsoft.Data.Sqlite;
using Sbc.Engine;
using Sbc.Engine.Config;
using Sbc.Engine.Registrations;
using Sbc.Engine.Routing;
using Sbc.Engine.Worker;
using Sbc.Program.Logging;
using Sbc.Runtime;

namespace Sbc.Program.Registrations;

/// <summary>
/// Keeps the location table in a file: loads it before the workers run, and then writes what they changed, in batches
/// on a thread of its own. Workers only name the addresses they change; it reads the table as any worker does.
/// </summary>
public sealed class RegistrationStore : IDisposable
{
    /// <summary>kill -9 loses what came in this time, and the batch that was being written.</summary>
    private const int BatchMilliseconds = 50;

    private const int BackoffMillisecondsMax = 10_000;

    /// <summary>More changed addresses than that are not remembered one by one while the file cannot be written.
    /// </summary>
    private const int DirtyMax = 200_000;

    private readonly Workers _workers;
    private readonly RegistrationFile _file;
    private readonly Action<LogLine> _log;
    private readonly Func<Instant> _clock;
    private readonly Func<Instant, long> _utcOffset;
    private readonly FoundBindings _found = new();
    private readonly HashSet<string> _dirty = [];
    private readonly List<string> _again = [];
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private bool _all;
    private bool _failing;
    private long _errors;
    private long _written;

    /// <param name="file">Its path.</param>
    /// <param name="workers">Whose table it keeps.</param>
    /// <param name="log">Told when the file cannot be written, and when it can be again.</param>
    /// <param name="clock">The workers' time.</param>
    /// <param name="utcOffset">Universal time, from 1970 on, minus that.</param>
    /// <exception cref="RegistrationFileException">The file cannot be used.</exception>
    public RegistrationStore(
        string file, Workers workers, Action<LogLine> log, Func<Instant> clock,
        Func<Instant, long> utcOffset)
    {
        _workers = workers;
        _log = log;
        _clock = clock;
        _utcOffset = utcOffset;
        _file = new RegistrationFile(file);
        _workers.Locations.StartJournals();
        byte[] key = _file.GruuKey;
        _workers.Locations.Gruus = new TemporaryGruus(
            new SipHash(BitConverter.ToUInt64(key), BitConverter.ToUInt64(key, 8)));
        _thread = new Thread(Run) { Name = "store", IsBackground = true };
    }

    /// <summary>Batches that could not be written.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Addresses that were written.</summary>
    public long Written => Interlocked.Read(ref _written);

    /// <summary>Puts back what the file has. Before the workers run.</summary>
    /// <returns>Bindings, and those among them whose listener is gone or for whom there was no room.</returns>
    /// <exception cref="RegistrationFileException">It cannot be read.</exception>
    public (int Loaded, int Lost) Load()
    {
        long offset = _utcOffset(_clock());
        Snapshot snapshot = _workers.Snapshots.Current;
        int loaded = 0, lost = 0;
        try
        {
            foreach (StoredBinding stored in _file.Load(_clock().Microseconds + offset))
            {
                if (TryRestore(stored, snapshot, offset)) loaded++;
                else lost++;
            }
        }
        catch (SqliteException broken)
        {
            throw new RegistrationFileException(RegistrationFile.WhyNot(_file.Path, broken), broken);
        }
        return (loaded, lost);
    }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stop.Set();
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted)) _thread.Join();
        _file.Dispose();
        _stop.Dispose();
    }

    private bool TryRestore(StoredBinding stored, Snapshot snapshot, long offset)
    {
        Listener? listener = snapshot.Listeners.FirstOrDefault(known => $"{known.Local}" == stored.Listener);
        if (listener is null || !TryParseAddress(stored.Remote, out TransportAddress remote)) return false;
        if (stored.Aor.Length is 0 or > AddressOfRecord.BytesMax) return false;
        byte[] text =
        [
            .. stored.Contact, .. stored.CallId, .. stored.Path, .. stored.Instance, .. stored.UserAgent,
            .. stored.Features,
        ];
        if (text.Length > Limits.BindingBytesMax) return false;
        var binding = new Binding
        {
            ContactLength = (ushort)stored.Contact.Length,
            CallIdLength = (ushort)stored.CallId.Length,
            PathLength = (ushort)stored.Path.Length,
            InstanceLength = (ushort)stored.Instance.Length,
            UserAgentLength = (ushort)stored.UserAgent.Length,
            FeaturesLength = (ushort)stored.Features.Length,
            Quality = (ushort)stored.Quality,
            Traits = (BindingTraits)stored.Traits,
            Listener = (byte)listener.Index,
            ListenerGeneration = listener.Generation,
            RegId = (uint)stored.RegId,
            CSeq = (uint)stored.CSeq,
            FirstCSeq = (uint)stored.CSeq,
            Remote = remote,
            ExpiresAt = new Instant(stored.ExpiresAt - offset),
            UpdatedAt = new Instant(stored.UpdatedAt - offset),
            Next = -1,
        };
        byte[] core = [];
        if (stored.Core is { } known)
        {
            if (!ContactId.TryRead(known.Id, out binding.Id)) return false;
            core = [.. known.ServiceRoute, .. known.Identities];
            if (core.Length > Limits.CoreBytesMax) return false;
            binding.ServiceRouteLength = (ushort)known.ServiceRoute.Length;
            binding.RegistrarExpiresAt = new Instant(known.ExpiresAt - offset);
            binding.RefreshAt = new Instant(known.RefreshAt - offset);
            binding.Peer = -1;
        }
        SignallingWorker owner = _workers.Signalling[_workers.Locations.OwnerOf(stored.Aor)];
        return owner.Parts.Registers.TryRestore(stored.Aor, binding, text, core);
    }

    private static bool TryParseAddress(string text, out TransportAddress address)
    {
        address = default;
        int colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), out int port) &&
            TransportAddress.TryParseHost(Encoding.ASCII.GetBytes(text[..colon]), port, out address);
    }

    private void Run()
    {
        int wait = BatchMilliseconds;
        bool stops = false;
        while (!stops)
        {
            // What was changed until the workers stopped is written too.
            stops = _stop.Wait(wait);
            wait = TryKeep() ? BatchMilliseconds : Math.Min(wait * 2, BackoffMillisecondsMax);
        }
    }

    /// <summary>Writes what was changed since the last time. False where the file cannot be written.</summary>
    /// <remarks>The store's own thread does that, once it is started.</remarks>
    public bool TryKeep()
    {
        Collect();
        return (_dirty.Count == 0 && !_all) || TryWrite();
    }

    private void Collect()
    {
        Span<byte> aor = stackalloc byte[AddressOfRecord.BytesMax];
        foreach (LocationJournal journal in _workers.Locations.Journals!)
        {
            _all |= journal.TakeMissed();
            for (int left = Limits.JournalEntries; left > 0 && journal.TryTake(aor, out int length); left--)
            {
                // Latin-1 keeps every byte as it is.
                if (!_all) _dirty.Add(Encoding.Latin1.GetString(aor[..length]));
            }
        }
        _all |= _dirty.Count > DirtyMax;
        if (_all) _dirty.Clear();
    }

    private bool TryWrite()
    {
        try
        {
            _file.Begin();
            _again.Clear();
            if (_all) WriteAll();
            else foreach (string aor in _dirty) Write(aor);
            _file.Commit();
            Interlocked.Add(ref _written, _dirty.Count);
            _dirty.Clear();
            _dirty.UnionWith(_again);
            _all = false;
            Report(null);
            return true;
        }
        catch (SqliteException broken)
        {
            Interlocked.Increment(ref _errors);
            Report(broken);
            return false;
        }
        finally
        {
            _file.End();
        }
    }

    private void Write(string name)
    {
        byte[] aor = Encoding.Latin1.GetBytes(name);
        Instant now = _clock();
        if (!_workers.Locations.TryRead(aor, now, _found, all: true))
        {
            _again.Add(name);
            return;
        }
        _file.Delete(aor);
        Insert(aor, now);
    }

    private void WriteAll()
    {
        _file.DeleteAll();
        Instant now = _clock();
        byte[] aor = new byte[AddressOfRecord.BytesMax];
        for (int worker = 0; worker < _workers.Locations.Workers; worker++)
        {
            LocationShard shard = _workers.Locations.Shard(worker);
            for (int row = 0; row < shard.RowsCreated; row++)
            {
                if (shard.TryReadRow(row, now, _found, aor, out int length, all: true)) Insert(aor[..length], now);
            }
        }
    }

    private void Insert(byte[] aor, Instant now)
    {
        long offset = _utcOffset(now);
        Snapshot snapshot = _workers.Snapshots.Current;
        for (int i = 0; i < _found.Count; i++)
        {
            Binding binding = _found[i];
            // Nobody is called there any more, and nothing would be found under its number after a restart.
            if (snapshot.ListenerOf(binding.Listener, binding.ListenerGeneration) is not { } listener) continue;
            BindingText text = _found.Text(i);
            _file.Insert(new StoredBinding(
                aor, text.Contact.ToArray(), text.CallId.ToArray(), binding.CSeq, text.Path.ToArray(),
                text.Instance.ToArray(), binding.RegId, text.UserAgent.ToArray(), text.Features.ToArray(),
                binding.Quality, (int)binding.Traits, $"{listener.Local}",
                $"{binding.Remote}", binding.ExpiresAt.Microseconds + offset, binding.UpdatedAt.Microseconds + offset,
                CoreOf(binding, _found.Core(i), offset)));
        }
    }

    private static StoredCore? CoreOf(in Binding binding, BindingCore core, long offset)
    {
        if (binding.Id.IsNone) return null;
        byte[] id = new byte[ContactId.Length];
        binding.Id.Write(id);
        return new StoredCore(
            id, core.ServiceRoute.ToArray(), core.Identities.ToArray(),
            binding.RegistrarExpiresAt.Microseconds + offset, binding.RefreshAt.Microseconds + offset);
    }

    /// <summary>Once when it begins, once when it is over.</summary>
    private void Report(SqliteException? broken)
    {
        if (_failing == broken is not null) return;
        _failing = broken is not null;
        _log(broken is null
            ? new LogLine(LogLevel.Info, "registrations_store_up", $"{_file.Path} is written again",
                ("file", _file.Path))
            : new LogLine(LogLevel.Error, "registrations_store_down",
                $"registrations cannot be written to {_file.Path} ({broken.Message}); calls go on, and it is tried "
                    + "again",
                ("file", _file.Path), ("error", broken.Message)));
    }
}
