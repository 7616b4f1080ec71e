using System.Text;
using Sbc.Engine.Pipeline;
using Sbc.Runtime;
using Xunit;

namespace Sbc.Tests.Engine.Pipeline;

public class TokensTests
{
    private readonly Tokens _tokens = new(new SipHash(1, 2));

    [Fact]
    public void What_was_minted_is_read_back_in_any_case()
    {
        var random = new Random(1);
        for (int round = 0; round < 2000; round++)
        {
            var kind = (TokenKind)random.Next(1, 7);
            int worker = random.Next(64);
            var handle = new Handle(random.Next(), (uint)random.NextInt64(1L << 32));
            byte[] text = Mint(kind, worker, handle);
            AssertReads(text, kind, worker, handle);
            string capitals = Encoding.ASCII.GetString(text).ToUpperInvariant();
            AssertReads(Encoding.ASCII.GetBytes(capitals), kind, worker, handle);
        }
    }

    [Fact]
    public void Any_changed_character_is_refused()
    {
        byte[] text = Mint(TokenKind.Ingress, 3, new Handle(12345, 7));
        for (int at = 0; at < text.Length; at++)
        {
            byte kept = text[at];
            for (int value = 0; value < 256; value++)
            {
                text[at] = (byte)value;
                bool same = char.ToLowerInvariant((char)value) == (char)kept;
                Assert.True(same == _tokens.TryRead(text, out _, out _, out _), $"character {at} became {value}");
            }
            text[at] = kept;
        }
    }

    [Fact]
    public void Other_lengths_and_other_keys_are_refused()
    {
        byte[] text = Mint(TokenKind.Branch, 0, new Handle(0, 1));
        for (int length = 0; length < text.Length; length++)
            Assert.False(_tokens.TryRead(text.AsSpan(0, length), out _, out _, out _));
        Assert.False(_tokens.TryRead([.. text, (byte)'a'], out _, out _, out _));
        Assert.False(new Tokens(new SipHash(2, 1)).TryRead(text, out _, out _, out _));
        Assert.False(_tokens.TryRead(new byte[Tokens.Length], out _, out _, out _));
    }

    [Fact]
    public void Kind_and_worker_stand_in_the_first_characters_whatever_the_rest()
    {
        byte[] one = Mint(TokenKind.Egress, 5, new Handle(1, 1));
        byte[] other = Mint(TokenKind.Egress, 5, new Handle(0, 99));
        Assert.Equal(one[..3], other[..3]);
        Assert.NotEqual(one, other);
    }

    private byte[] Mint(TokenKind kind, int worker, Handle handle)
    {
        byte[] text = new byte[Tokens.Length];
        _tokens.Write(kind, worker, handle, text);
        return text;
    }

    private void AssertReads(byte[] text, TokenKind kind, int worker, Handle handle)
    {
        Assert.True(_tokens.TryRead(text, out TokenKind readKind, out int readWorker, out Handle readHandle));
        Assert.Equal((kind, worker, handle), (readKind, readWorker, readHandle));
    }
}
