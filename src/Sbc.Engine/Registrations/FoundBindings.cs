using Sbc.Engine.Calls;
using Sbc.Engine.Routing;
using Sbc.Sip.Headers;

namespace Sbc.Engine.Registrations;

/// <summary>What a look into the location table found: a copy, the reader's own. One for each worker.</summary>
public sealed class FoundBindings
{
    private readonly Binding[] _bindings = new Binding[Limits.ContactsPerAorMax];
    private readonly int[] _starts = new int[Limits.ContactsPerAorMax];
    private readonly FlowName[] _flows = new FlowName[Limits.ContactsPerAorMax];
    private readonly byte[] _text = new byte[
        Limits.ContactsPerAorMax * (Limits.BindingBytesMax + Limits.CoreBytesMax)];
    private int _used;

    public int Count { get; private set; }

    public ref readonly Binding this[int index] => ref _bindings[index];

    public BindingText Text(int index) =>
        new(_text.AsSpan(_starts[index], _bindings[index].TextLength), _bindings[index]);

    /// <summary>The flow of one, as the target of a request.</summary>
    public CallTarget Target(int index)
    {
        ref readonly Binding binding = ref _bindings[index];
        BindingText texts = Text(index);
        return new CallTarget
        {
            Quality = binding.Quality,
            Place = -1,
            Listener = binding.Listener,
            ListenerGeneration = binding.ListenerGeneration,
            Flow = _flows[index],
            Address = binding.Remote,
            RequestUri = texts.Contact,
            Routes = texts.Path,
        };
    }

    public BindingCore Core(int index) => new(
        _text.AsSpan(_starts[index] + _bindings[index].TextLength, _bindings[index].Core.Length), _bindings[index]);

    internal void Clear() => Count = _used = 0;

    /// <summary>Space for the texts of one more; false where they cannot all be of one address-of-record.</summary>
    /// <param name="binding">A copy.</param>
    /// <param name="shard">Its worker.</param>
    /// <param name="row">Where it is there.</param>
    /// <param name="text">To be filled.</param>
    internal bool TryAdd(in Binding binding, short shard, int row, out Span<byte> text)
    {
        text = default;
        int length = binding.TextLength + binding.Core.Length;
        if (Count == _bindings.Length || _used + length > _text.Length) return false;
        _bindings[Count] = binding;
        bool isToken = !binding.Id.IsNone && (binding.Traits & BindingTraits.Outbound) != 0;
        _flows[Count] = new FlowName(shard, isToken, row, binding.UpdatedAt);
        _starts[Count++] = _used;
        text = _text.AsSpan(_used, length);
        _used += length;
        return true;
    }

    /// <summary>Leaves those of the instance that a public GRUU names.</summary>
    /// <param name="gruu">The instance as a GRUU has it, escaped.</param>
    public void KeepGruu(ReadOnlySpan<byte> gruu)
    {
        Span<byte> instance = stackalloc byte[Limits.BindingBytesMax];
        if (Escaping.TryUnescape(gruu, instance, out int length)) KeepInstance(instance[..length]);
        else Count = 0;
    }

    /// <summary>Leaves those of one instance, with its brackets or without.</summary>
    public void KeepInstance(ReadOnlySpan<byte> instance)
    {
        instance = AddressOfRecord.GruuOf(instance);
        int kept = 0;
        for (int i = 0; i < Count; i++)
        {
            if (AddressOfRecord.GruuOf(Text(i).Instance).SequenceEqual(instance)) Keep(i, ref kept);
        }
        Count = kept;
    }

    /// <summary>
    /// Leaves those whose flow works as far as is known (RFC 5626 7). Where none does, those are left that may: a
    /// request can go unanswered for its own sake, and a phone that keeps no flow open does not notice when it is lost.
    /// </summary>
    public void PassOverFailed(Snapshot snapshot)
    {
        int kept = 0, working = 0;
        for (int i = 0; i < Count; i++)
        {
            if (snapshot.ListenerOf(_bindings[i].Listener, _bindings[i].ListenerGeneration) is null) continue;
            if (!_bindings[i].HasFailed) working++;
            Keep(i, ref kept);
        }
        Count = kept;
        kept = 0;
        for (int i = 0; i < Count; i++)
        {
            bool isOutbound = (_bindings[i].Traits & BindingTraits.Outbound) != 0;
            if (working > 0 ? !_bindings[i].HasFailed : !isOutbound || !_bindings[i].IsGone) Keep(i, ref kept);
        }
        Count = kept;
    }

    /// <summary>Whether two are flows of one device: one of them at a time gets a request (RFC 5626 7).</summary>
    public bool AreOneInstance(int left, int right) =>
        Text(left).Instance.Length > 0 && Text(left).Instance.SequenceEqual(Text(right).Instance);

    private void Keep(int index, ref int kept)
    {
        (_bindings[kept], _starts[kept], _flows[kept]) = (_bindings[index], _starts[index], _flows[index]);
        kept++;
    }

    /// <summary>Best first (RFC 3261 16.6): highest q, and of equal ones the one that was heard of last.</summary>
    public void Sort()
    {
        for (int i = 1; i < Count; i++)
        {
            for (int at = i; at > 0 && IsBefore(_bindings[at], _bindings[at - 1]); at--)
            {
                (_bindings[at], _bindings[at - 1]) = (_bindings[at - 1], _bindings[at]);
                (_starts[at], _starts[at - 1]) = (_starts[at - 1], _starts[at]);
                (_flows[at], _flows[at - 1]) = (_flows[at - 1], _flows[at]);
            }
        }
    }

    private static bool IsBefore(in Binding left, in Binding right) =>
        left.Quality != right.Quality ? left.Quality > right.Quality : left.UpdatedAt > right.UpdatedAt;
}
