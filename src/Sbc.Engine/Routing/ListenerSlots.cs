using Sbc.Engine.Config;

namespace Sbc.Engine.Routing;

/// <summary>
/// Which port of the workers each listener has. It is a listener's own over reloads, as calls, transactions and tokens
/// name it by that number; one that was given back is taken again after all others.
/// </summary>
public sealed class ListenerSlots
{
    private readonly string?[] _keys = new string?[Limits.ListenersMax];
    private readonly ushort[] _generations = new ushort[Limits.ListenersMax];
    private int _next;

    /// <summary>Bit i: slot i has a listener.</summary>
    public ulong Taken { get; private set; }

    /// <summary>
    /// What makes a listener the same one: realm, trust (which decides how packets are steered to workers) and what the
    /// file says. Several of a realm may leave their port to the system: they are told apart by their order.
    /// </summary>
    public static IReadOnlyList<string> KeysOf(SbcConfig config)
    {
        var keys = new List<string>();
        foreach (RealmConfig realm in config.Realms)
        {
            foreach (ListenConfig listen in realm.Listen)
            {
                string key = $"{realm.Name} {realm.Trust} {listen}";
                int same = keys.Count(other => other == key || other.StartsWith($"{key}#", StringComparison.Ordinal));
                keys.Add(same == 0 ? key : $"{key}#{same}");
            }
        }
        return keys;
    }

    public bool TryFind(string key, out int slot)
    {
        slot = Array.IndexOf(_keys, key);
        return slot >= 0;
    }

    /// <summary>Of the listener that has this slot: what outlives its calls, as a registration does, is told by it
    /// from those that had the slot before.</summary>
    public ushort GenerationOf(int slot) => _generations[slot];

    /// <summary>Gives each listener of a configuration its slot: all of them or, without room, none.</summary>
    /// <param name="added">The slots that were taken now.</param>
    public bool TryTake(SbcConfig config, out IReadOnlyList<int> added)
    {
        var taken = new List<int>();
        added = taken;
        foreach (string key in KeysOf(config))
        {
            if (TryFind(key, out _)) continue;
            if (System.Numerics.BitOperations.PopCount(Taken) == _keys.Length)
            {
                Undo(taken);
                return false;
            }
            while (_keys[_next] is not null) _next = (_next + 1) % _keys.Length;
            taken.Add(_next);
            _keys[_next] = key;
            _generations[_next]++;
            Taken |= 1UL << _next;
        }
        return true;
    }

    /// <summary>They were never published.</summary>
    public void Undo(IReadOnlyList<int> added)
    {
        for (int i = added.Count - 1; i >= 0; i--)
        {
            GiveBack(added[i]);
            _next = added[i];
        }
    }

    public void GiveBack(int slot)
    {
        _keys[slot] = null;
        Taken &= ~(1UL << slot);
    }
}
