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

    private readonly int[] _slots;
    private byte[] _names = [];
    private int[] _starts = [0];
    private byte[] _md5 = [];
    private byte[] _sha256 = [];

    /// <param name="users">Of two of one name the last one counts. Read once, one after the other: of a million no
    /// second copy is made.</param>
    public UserTable(IEnumerable<UserSecret> users)
    {
        HasMd5 = HasSha256 = true;
        foreach (UserSecret user in users) Append(user);
        Array.Resize(ref _names, _starts[Count]);
        Array.Resize(ref _starts, Count + 1);
        // One more than there are: the hashes of nobody, against which an unknown user's response is tried.
        Array.Resize(ref _md5, (Count + 1) * Md5Bytes);
        Array.Resize(ref _sha256, (Count + 1) * Sha256Bytes);
        int slots = 16;
        while (slots < Count * 2) slots *= 2;
        _slots = new int[slots];
        for (int i = 0; i < Count; i++) Index(i);
    }

    private const int Md5Bytes = 16;
    private const int Sha256Bytes = 32;

    public static readonly UserTable Empty = new([]);

    public int Count { get; private set; }

    /// <summary>Every user can answer a challenge that asks for it: asked for of one only, it would tell who exists.
    /// </summary>
    public bool HasMd5 { get; private set; }

    public bool HasSha256 { get; private set; }

    /// <summary>The same users with the same hashes, in the same order.</summary>
    public bool IsSameAs(UserTable other) =>
        HasMd5 == other.HasMd5 && HasSha256 == other.HasSha256 && _starts.AsSpan().SequenceEqual(other._starts) &&
        _names.AsSpan().SequenceEqual(other._names) && _md5.AsSpan().SequenceEqual(other._md5) &&
        _sha256.AsSpan().SequenceEqual(other._sha256);

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

    private void Append(UserSecret user)
    {
        int start = _starts[Count], end = start + user.User.Length + user.Domain.Length + 1;
        Reserve(ref _names, end);
        Reserve(ref _starts, Count + 2);
        Reserve(ref _md5, (Count + 1) * Md5Bytes);
        Reserve(ref _sha256, (Count + 1) * Sha256Bytes);
        Join(user.User, user.Domain, _names.AsSpan(start..end));
        HasMd5 &= user.Md5 is not null;
        HasSha256 &= user.Sha256 is not null;
        user.Md5?.CopyTo(_md5, Count * Md5Bytes);
        user.Sha256?.CopyTo(_sha256, Count * Sha256Bytes);
        _starts[++Count] = end;
    }

    private static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, array.Length * 2));
    }

    private void Index(int row)
    {
        ReadOnlySpan<byte> name = _names.AsSpan(_starts[row].._starts[row + 1]);
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
