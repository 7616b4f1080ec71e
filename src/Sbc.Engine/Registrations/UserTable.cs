using Sbc.Runtime;
using Sbc.Sip.Authentication;

namespace Sbc.Engine.Registrations;

/// <summary>What of a user's secret is kept: HA1 by each algorithm; null where it is not known.</summary>
/// <param name="User">As it stands in URIs and in credentials, unescaped.</param>
/// <param name="Domain">In small letters: the realm that the secrets were hashed with.</param>
public sealed record UserSecret(byte[] User, byte[] Domain, byte[]? Md5, byte[]? Sha256);

/// <summary>The users of the registrar, immutable: three flat arrays, whatever their number.</summary>
public sealed class UserTable
{
    // No key: only the operator chooses what is in it, and strangers what is looked for.
    private static readonly SipHash Hash = new(0x7362632075736572, 0x7461626c65203031);

    private readonly byte[] _names;
    private readonly int[] _starts;
    private readonly byte[] _md5;
    private readonly byte[] _sha256;
    private readonly int[] _slots;

    /// <param name="users">Of two of one name the last one counts.</param>
    public UserTable(IReadOnlyList<UserSecret> users)
    {
        Count = users.Count;
        HasMd5 = HasSha256 = true;
        _starts = new int[Count + 1];
        for (int i = 0; i < Count; i++) _starts[i + 1] = _starts[i] + users[i].User.Length + users[i].Domain.Length + 1;
        _names = new byte[_starts[Count]];
        // One more than there are: the hashes of nobody, against which an unknown user's response is tried.
        _md5 = new byte[(Count + 1) * 16];
        _sha256 = new byte[(Count + 1) * 32];
        int slots = 16;
        while (slots < Count * 2) slots *= 2;
        _slots = new int[slots];
        for (int i = 0; i < Count; i++) Add(users[i], i);
    }

    public static readonly UserTable Empty = new([]);

    public int Count { get; }

    /// <summary>Every user can answer a challenge that asks for it: asked for of one only, it would tell who exists.
    /// </summary>
    public bool HasMd5 { get; private set; }

    public bool HasSha256 { get; private set; }

    /// <summary>Row of the user; -1: unknown.</summary>
    public int Find(ReadOnlySpan<byte> user, ReadOnlySpan<byte> domain)
    {
        Span<byte> name = stackalloc byte[AddressOfRecord.BytesMax];
        if (user.Length + domain.Length + 1 > name.Length) return -1;
        return Find(name[..Join(user, domain, name)]);
    }

    /// <param name="aor">user@domain in its canonical form.</param>
    public int Find(ReadOnlySpan<byte> aor)
    {
        for (int at = SlotOf(aor); _slots[at] != 0; at = (at + 1) & (_slots.Length - 1))
        {
            int row = _slots[at] - 1;
            if (_names.AsSpan(_starts[row].._starts[row + 1]).SequenceEqual(aor)) return row;
        }
        return -1;
    }

    /// <summary>The secret, or that of nobody for an unknown user: the same work for both.</summary>
    /// <param name="row">-1: unknown.</param>
    public ReadOnlySpan<byte> SecretOf(int row, DigestAlgorithm algorithm)
    {
        int bytes = algorithm.Bytes();
        byte[] all = algorithm == DigestAlgorithm.Sha256 ? _sha256 : _md5;
        return all.AsSpan((row < 0 ? Count : row) * bytes, bytes);
    }

    private void Add(UserSecret user, int row)
    {
        Span<byte> name = _names.AsSpan(_starts[row].._starts[row + 1]);
        Join(user.User, user.Domain, name);
        if (user.Md5 is null) HasMd5 = false;
        else user.Md5.CopyTo(_md5, row * 16);
        if (user.Sha256 is null) HasSha256 = false;
        else user.Sha256.CopyTo(_sha256, row * 32);
        int at = SlotOf(name);
        for (; _slots[at] != 0; at = (at + 1) & (_slots.Length - 1))
        {
            int other = _slots[at] - 1;
            if (_names.AsSpan(_starts[other].._starts[other + 1]).SequenceEqual(name)) break;
        }
        _slots[at] = row + 1;
    }

    private int SlotOf(ReadOnlySpan<byte> name) => (int)(Hash.Hash(name) & (ulong)(_slots.Length - 1));

    private static int Join(ReadOnlySpan<byte> user, ReadOnlySpan<byte> domain, Span<byte> destination)
    {
        user.CopyTo(destination);
        destination[user.Length] = (byte)'@';
        domain.CopyTo(destination[(user.Length + 1)..]);
        return user.Length + domain.Length + 1;
    }
}
