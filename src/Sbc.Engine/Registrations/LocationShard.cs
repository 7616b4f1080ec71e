using System.Runtime.InteropServices;
using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>
/// The addresses-of-record of one worker, which alone changes them; every worker reads them, without a lock.
/// </summary>
/// <remarks>
/// A change is made between two increments of a sequence number that all addresses of a stripe share; a reader copies,
/// looks at the number again, and begins anew where it moved. What it copies may be half written and is never followed
/// before that look. Rows and bytes are never given back to the heap, so that what is stale can be read.
/// </remarks>
public sealed class LocationShard
{
    private const int StripeCount = 1024;

    /// <summary>A writer that lost its processor between the two increments is not waited for longer.</summary>
    private const int TriesMax = 10_000;

    private readonly Pool<AorState> _aors = new(Limits.BindingsMax);
    private readonly Pool<Binding> _bindings = new(Limits.BindingsMax);
    private readonly BufferPool _bytes = new(Limits.LocationBytesMax);
    private readonly LocationIndex _index = new();
    private readonly LocationIndex _ids = new();
    private readonly Stripe[] _stripes = new Stripe[StripeCount];
    private readonly LocationCount _count;
    private readonly short _worker;
    private int _mine;

    internal LocationShard(int worker, LocationCount count)
    {
        _worker = (short)worker;
        _count = count;
    }

    private struct AorState
    {
        public ulong Hash;
        public BufferRef Text;
        public int First;
        public int Count;
    }

    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Stripe
    {
        public long Sequence;
    }

    /// <summary>Bindings of this shard; read by anybody.</summary>
    public int Count => Volatile.Read(ref _mine);

    public int AorCount => _aors.Count;

    public long BytesReserved => _bytes.BytesReserved;

    /// <summary>Blocks of memory in use: one for each address and binding.</summary>
    public int Blocks => _bytes.Count;

    // What the writer alone may ask.

    /// <summary>Row of an address; -1: none.</summary>
    public int Find(ReadOnlySpan<byte> aor, ulong hash)
    {
        int cursor = -1;
        while (_index.Find(hash, ref cursor) is var row && row >= 0)
        {
            if (_bytes.Bytes(_aors[row].Text).SequenceEqual(aor)) return row;
        }
        return -1;
    }

    /// <summary>The first binding of a row; -1: none. The others follow over <see cref="Binding.Next"/>.</summary>
    public int FirstOf(int row) => row < 0 ? -1 : _aors[row].First;

    public int CountOf(int row) => row < 0 ? 0 : _aors[row].Count;

    public ReadOnlySpan<byte> NameOf(int row) => _bytes.Bytes(_aors[row].Text);

    public ulong HashOf(int row) => _aors[row].Hash;

    public ref Binding this[int binding] => ref _bindings[binding];

    public BindingText Text(int binding) => new(_bytes.Bytes(_bindings[binding].Text), _bindings[binding]);

    public BindingCore Core(int binding) => new(_bytes.Bytes(_bindings[binding].Core), _bindings[binding]);

    public Handle HandleOf(int binding) => _bindings.HandleOf(binding);

    public bool IsLive(Handle binding) => _bindings.IsLive(binding);

    /// <summary>Highest row ever used, plus one: the bound of a walk with <see cref="IsBinding"/>.</summary>
    public int Created => _bindings.Created;

    public bool IsBinding(int binding) => _bindings.IsLive(binding);

    /// <summary>Memory for the texts of a binding that is to be; give it back if it will not.</summary>
    public bool TryRent(int length, out BufferRef text) => _bytes.TryRent(length, out text);

    public Span<byte> Bytes(BufferRef text) => _bytes.Bytes(text);

    public void Return(ref BufferRef text) => _bytes.Return(ref text);

    /// <summary>From here to <see cref="EndChange"/> readers of these addresses wait.</summary>
    public void BeginChange(ulong hash) => Interlocked.Increment(ref StripeOf(hash).Sequence);

    public void EndChange(ulong hash)
    {
        ref long sequence = ref StripeOf(hash).Sequence;
        Volatile.Write(ref sequence, sequence + 1);
    }

    /// <summary>A new address without bindings. -1: no room.</summary>
    public int Add(ReadOnlySpan<byte> aor, ulong hash)
    {
        if (!_bytes.TryStore(aor, out BufferRef text)) return -1;
        if (!_aors.TryRent(out Handle row))
        {
            _bytes.Return(ref text);
            return -1;
        }
        _aors[row.Index] = new AorState { Hash = hash, Text = text, First = -1 };
        _index.Add(hash, row.Index);
        return row.Index;
    }

    /// <summary>Takes an address away that has no binding.</summary>
    public void RemoveIfEmpty(int row)
    {
        if (row < 0 || _aors[row].Count > 0) return;
        _index.Remove(_aors[row].Hash, row);
        _bytes.Return(ref _aors[row].Text);
        _aors[row].First = -1;
        _aors.Return(_aors.HandleOf(row));
    }

    /// <summary>Appends a binding, within a change. -1: no room.</summary>
    public int Append(int row, in Binding binding)
    {
        if (!_count.TryTake()) return -1;
        if (!_bindings.TryRent(out Handle handle))
        {
            _count.Return();
            return -1;
        }
        ref Binding added = ref _bindings[handle.Index];
        added = binding;
        added.Owner = row;
        added.Next = -1;
        added.Timer = 0;
        ref int link = ref _aors[row].First;
        while (link >= 0) link = ref _bindings[link].Next;
        link = handle.Index;
        if (!binding.Id.IsNone) _ids.Add(binding.Id.High, handle.Index);
        _aors[row].Count++;
        Volatile.Write(ref _mine, _mine + 1);
        return handle.Index;
    }

    /// <summary>Puts a binding in the place of another one of the same address, within a change.</summary>
    public void Replace(int binding, in Binding by)
    {
        ref Binding old = ref _bindings[binding];
        (int next, int owner, int timer) = (old.Next, old.Owner, old.Timer);
        (BufferRef text, BufferRef core, ContactId id) = (old.Text, old.Core, old.Id);
        old = by;
        (old.Next, old.Owner, old.Timer) = (next, owner, timer);
        _bytes.Return(ref text);
        if (core != by.Core) _bytes.Return(ref core);
        if (id == by.Id) return;
        if (!id.IsNone) _ids.Remove(id.High, binding);
        if (!by.Id.IsNone) _ids.Add(by.Id.High, binding);
    }

    /// <summary>Takes a binding away, within a change; its timer is cancelled already.</summary>
    public void Remove(int binding)
    {
        int row = _bindings[binding].Owner;
        ref int link = ref _aors[row].First;
        while (link != binding) link = ref _bindings[link].Next;
        link = _bindings[binding].Next;
        _aors[row].Count--;
        if (!_bindings[binding].Id.IsNone) _ids.Remove(_bindings[binding].Id.High, binding);
        _bytes.Return(ref _bindings[binding].Text);
        _bytes.Return(ref _bindings[binding].Core);
        // A reader who found it by its name looks at the name once more.
        _bindings[binding].Id = default;
        _bindings.Return(_bindings.HandleOf(binding));
        _count.Return();
        Volatile.Write(ref _mine, _mine - 1);
    }

    // What anybody may ask.

    /// <summary>Copies the bindings that have not expired. False: a writer was in the way for too long.</summary>
    /// <param name="all">Those too that only the core registrar still has.</param>
    public bool TryRead(ReadOnlySpan<byte> aor, ulong hash, Instant now, FoundBindings found, bool all = false)
    {
        ref long stripe = ref StripeOf(hash).Sequence;
        for (int tries = 0; tries < TriesMax; tries++)
        {
            long sequence = Volatile.Read(ref stripe);
            if ((sequence & 1) != 0 || !TryCopy(aor, hash, now, found, all, ref stripe, sequence)) continue;
            if (IsStill(ref stripe, sequence)) return true;
        }
        found.Clear();
        return false;
    }

    /// <summary>A request through that flow failed. What was registered since is another one, and never touched.
    /// </summary>
    public void MarkFailed(in FlowName flow, bool isGone)
    {
        ref Binding binding = ref _bindings[flow.Row];
        if (binding.UpdatedAt != flow.UpdatedAt) return;
        if (isGone) binding.GoneUpdate = flow.UpdatedAt;
        else binding.SilentUpdate = flow.UpdatedAt;
    }

    /// <summary>Bound of a walk over all addresses with <see cref="TryReadRow"/>, from any thread.</summary>
    public int RowsCreated => _aors.Created;

    /// <summary>Copies the address of a row and its bindings. False: there is none, or it is just being changed.
    /// </summary>
    /// <param name="aor">As many bytes as an address may have.</param>
    /// <param name="all">Those too that only the core registrar still has.</param>
    public bool TryReadRow(
        int row, Instant now, FoundBindings found, Span<byte> aor, out int length, bool all = false)
    {
        length = 0;
        for (int tries = 0; tries < TriesMax; tries++)
        {
            ulong hash = Volatile.Read(ref _aors[row].Hash);
            ref long stripe = ref StripeOf(hash).Sequence;
            long sequence = Volatile.Read(ref stripe);
            if ((sequence & 1) != 0) continue;
            AorState state = _aors[row];
            if (!IsStill(ref stripe, sequence) || state.Hash != hash) continue;
            if (state.Text.IsNone) return false;
            length = state.Text.Length;
            _bytes.Bytes(state.Text).CopyTo(aor);
            found.Clear();
            if (TryCopyChain(state.First, state.Count, now, found, all, ref stripe, sequence) &&
                IsStill(ref stripe, sequence)) return true;
        }
        return false;
    }

    private bool TryCopy(
        ReadOnlySpan<byte> aor, ulong hash, Instant now, FoundBindings found, bool all, ref long stripe,
        long sequence)
    {
        found.Clear();
        int cursor = -1;
        while (_index.Find(hash, ref cursor) is var row && row >= 0)
        {
            AorState state = _aors[row];
            if (!IsStill(ref stripe, sequence)) return false;
            if (state.Hash != hash || !_bytes.Bytes(state.Text).SequenceEqual(aor)) continue;
            return TryCopyChain(state.First, state.Count, now, found, all, ref stripe, sequence);
        }
        return true;
    }

    private bool TryCopyChain(
        int next, int left, Instant now, FoundBindings found, bool all, ref long stripe, long sequence)
    {
        for (; left > 0 && next >= 0; left--)
        {
            Binding binding = _bindings[next];
            if (!IsStill(ref stripe, sequence)) return false;
            int row = next;
            next = binding.Next;
            if ((all ? binding.GoneAt : binding.ExpiresAt) <= now) continue;
            if (!TryCopyTexts(row, binding, found)) return false;
        }
        return true;
    }

    /// <summary>Copies the binding of that name, expired or not; none is found where there is none here. False: a
    /// writer was in the way for too long.</summary>
    public bool TryReadById(ContactId id, FoundBindings found)
    {
        for (int tries = 0; tries < TriesMax; tries++)
        {
            found.Clear();
            int cursor = -1;
            bool isSettled = true;
            while (isSettled && _ids.Find(id.High, ref cursor) is var row && row >= 0)
            {
                // Its address may be another one by now: the name says in the end whether it is the one.
                ref long stripe = ref StripeOf(_aors[_bindings[row].Owner].Hash).Sequence;
                long sequence = Volatile.Read(ref stripe);
                Binding binding = _bindings[row];
                isSettled = (sequence & 1) == 0 && IsStill(ref stripe, sequence);
                if (!isSettled || binding.Id != id) continue;
                isSettled = TryCopyTexts(row, binding, found) && IsStill(ref stripe, sequence);
                break;
            }
            if (isSettled) return true;
        }
        found.Clear();
        return false;
    }

    private bool TryCopyTexts(int row, in Binding binding, FoundBindings found)
    {
        if (!found.TryAdd(binding, _worker, row, out Span<byte> text)) return false;
        _bytes.Bytes(binding.Text)[..binding.TextLength].CopyTo(text);
        _bytes.Bytes(binding.Core).CopyTo(text[binding.TextLength..]);
        return true;
    }

    private static bool IsStill(ref long stripe, long sequence)
    {
        Volatile.ReadBarrier();
        return stripe == sequence;
    }

    private ref Stripe StripeOf(ulong hash) => ref _stripes[(int)(hash >> 32) & (StripeCount - 1)];
}
