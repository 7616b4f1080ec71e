using System.Runtime.CompilerServices;
using System.Text;
using Sbc.Engine;
using Sbc.Engine.Registrations;
using Sbc.Runtime;
using Sbc.Sip.Authentication;
using Xunit;

namespace Sbc.Tests.Engine.Registrations;

/// <summary>The location table under one writer and readers on other threads.</summary>
public class LocationTableTests
{
    private static readonly Instant Now = new(1_000_000);

    [Fact]
    public void A_reader_never_sees_half_a_change()
    {
        const int Changes = 60_000, Users = 7;
        var table = new LocationTable(1, new SipHash(1, 2));
        LocationShard shard = table.Shard(0);
        byte[][] users = [.. Enumerable.Range(0, Users).Select(i => Encoding.ASCII.GetBytes($"user{i}@example.net"))];
        int done = 0;
        var wrong = new List<string>();
        Thread[] readers = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            var found = new FoundBindings();
            for (int i = 0; Volatile.Read(ref done) == 0 || i < 1000; i++)
            {
                if (!table.TryRead(users[i % Users], Now, found)) continue;
                string? problem = Problem(found, users[i % Users]);
                if (problem is null) continue;
                lock (wrong) wrong.Add(problem);
                return;
            }
        }))];
        foreach (Thread reader in readers) reader.Start();
        for (uint i = 1; i <= Changes; i++) Change(table, shard, users[(i * 2654435761) % Users], i);
        Volatile.Write(ref done, 1);
        foreach (Thread reader in readers) reader.Join();
        Assert.Empty(wrong);
        foreach (byte[] user in users)
        {
            while (shard.CountOf(shard.Find(user, table.HashOf(user))) > 0) Change(table, shard, user, 3);
        }
        Assert.Equal(0, table.Count);
        Assert.Equal(0, shard.Blocks);
    }

    [Fact]
    public void A_hundred_thousand_users_cost_less_than_a_kilobyte_each()
    {
        const int Users = 100_000;
        var table = new LocationTable(2, new SipHash(1, 2));
        for (int i = 0; i < Users; i++)
        {
            byte[] user = Encoding.ASCII.GetBytes($"user{i}@example.net");
            Change(table, table.Shard(table.OwnerOf(user)), user, 1);
        }
        // Beside its texts: the row of the address, its cell of the index, half empty, and a timer.
        const int Rest = 160;
        long texts = (table.Shard(0).BytesReserved + table.Shard(1).BytesReserved) / Users;
        Assert.InRange(texts + Unsafe.SizeOf<Binding>() + Rest, 100, 1024);
        var found = new FoundBindings();
        Assert.True(table.TryRead("user99999@example.net"u8, Now, found));
        Assert.Equal(1, found.Count);
        Assert.InRange(table.Shard(0).Count, Users / 3, Users * 2 / 3);
    }

    [Fact]
    public void No_more_bindings_than_allowed()
    {
        var table = new LocationTable(1, new SipHash(1, 2)) { CountMax = 3 };
        for (int i = 0; i < 5; i++)
            Change(table, table.Shard(0), Encoding.ASCII.GetBytes($"user{i}@example.net"), 1);
        Assert.Equal(3, table.Count);
    }

    [Fact]
    public void Users_are_found_by_their_whole_name()
    {
        UserSecret[] users = [.. Enumerable.Range(0, 50_000).Select(i => new UserSecret(
            Encoding.ASCII.GetBytes($"{i}"), "example.net"u8.ToArray(), BitConverter.GetBytes((long)i), null))];
        var table = new UserTable(users);
        for (int i = 0; i < 50_000; i += 997)
        {
            int row = table.Find(Encoding.ASCII.GetBytes($"{i}"), "example.net"u8);
            Assert.Equal(i, BitConverter.ToInt64(table.SecretOf(row, DigestAlgorithm.Md5)));
        }
        Assert.Equal(-1, table.Find("50000"u8, "example.net"u8));
        Assert.Equal(-1, table.Find("1"u8, "example.org"u8));
        Assert.True(table.HasMd5);
        Assert.False(table.HasSha256);
    }

    [Fact]
    public void Each_count_of_a_nonce_is_good_once_whoever_asks()
    {
        var counts = new NonceCounts(new SipHash(3, 4));
        Assert.True(counts.TryUse("nonce"u8, 1, Now));
        int used = 1;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (uint count = 1; count <= 5000; count++)
            {
                if (counts.TryUse("nonce"u8, count, Now)) Interlocked.Increment(ref used);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.InRange(used, 1, 5000);
        Assert.False(counts.TryUse("another"u8, 2, Now));
        Assert.True(counts.TryUse("another"u8, 1, Now));
        Assert.True(counts.TryUse("another"u8, 24, Now));
        Assert.True(counts.TryUse("another"u8, 2, Now));
        Assert.False(counts.TryUse("another"u8, 2, Now));
        Assert.True(counts.TryUse("another"u8, 30, Now));
        Assert.False(counts.TryUse("another"u8, 4, Now));
        Assert.False(counts.TryUse("another"u8, 70_000, Now));
    }

    [Fact]
    public void Credentials_that_come_to_several_workers_at_once_are_good_at_one_of_them_at_most()
    {
        const int Nonces = 20_000;
        var counts = new NonceCounts(new SipHash(3, 4));
        int[] used = new int[Nonces];
        using var together = new Barrier(2);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Nonces; i++)
            {
                if (i % 16 == 0) together.SignalAndWait();
                if (counts.TryUse(BitConverter.GetBytes(i), 1, Now)) Interlocked.Increment(ref used[i]);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        Assert.All(used, times => Assert.InRange(times, 0, 1));
        Assert.InRange(used.Sum(), Nonces / 2, Nonces);
    }

    /// <summary>By number: adds one, replaces the first one, or takes all away.</summary>
    private static void Change(LocationTable table, LocationShard shard, byte[] user, uint number)
    {
        ulong hash = table.HashOf(user);
        int row = shard.Find(user, hash);
        bool adds = number % 3 == 1 || row < 0;
        if (adds && (shard.CountOf(row) == 5 || number % 3 == 0)) return;
        Binding binding = default;
        if (number % 3 != 0)
        {
            string text = $"sip:{Encoding.ASCII.GetString(user)};n={number};{new string('x', (int)(number % 200))}";
            byte[] bytes = Encoding.ASCII.GetBytes(text + text);
            Assert.True(shard.TryRent(bytes.Length, out BufferRef reference));
            bytes.CopyTo(shard.Bytes(reference));
            binding = new Binding
            {
                Text = reference, ContactLength = (ushort)text.Length, CallIdLength = (ushort)text.Length,
                CSeq = number, ExpiresAt = Instant.Never,
            };
        }
        shard.BeginChange(hash);
        if (adds)
        {
            if (row < 0) row = shard.Add(user, hash);
            if (shard.Append(row, binding) < 0) shard.Return(ref binding.Text);
        }
        else if (number % 3 == 2)
        {
            shard.Replace(shard.FirstOf(row), binding);
        }
        else
        {
            while (shard.CountOf(row) > 0) shard.Remove(shard.FirstOf(row));
        }
        shard.RemoveIfEmpty(row);
        shard.EndChange(hash);
    }

    private static string? Problem(FoundBindings found, byte[] user)
    {
        for (int i = 0; i < found.Count; i++)
        {
            string contact = Encoding.ASCII.GetString(found.Text(i).Contact);
            string callId = Encoding.ASCII.GetString(found.Text(i).CallId);
            if (contact != callId) return $"'{contact}' and '{callId}'";
            string expected = $"sip:{Encoding.ASCII.GetString(user)};n={found[i].CSeq};";
            if (!contact.StartsWith(expected, StringComparison.Ordinal))
                return $"'{contact}' as number {found[i].CSeq} of {Encoding.ASCII.GetString(user)}";
        }
        return null;
    }
}
