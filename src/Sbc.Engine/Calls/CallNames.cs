using System.Buffers.Binary;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Runtime;

namespace Sbc.Engine.Calls;

/// <summary>
/// How each side of a call names it (Call-ID, their tag, ours), as bytes that can go from worker to worker.
/// </summary>
/// <param name="bytes">At least <see cref="BytesMax"/> long.</param>
public readonly ref struct CallNames(Span<byte> bytes)
{
    /// <summary>A longer Call-ID or tag is not translated: no phone makes one.</summary>
    private const int TextBytesMax = 256;

    private const int SideBytes = 5 + (2 * TextBytesMax) + Tokens.Length;

    public const int BytesMax = 1 + (2 * SideBytes);

    private readonly Span<byte> _bytes = bytes;

    /// <summary>Whether there is such a call.</summary>
    public bool Exists => _bytes[0] != 0;

    public void Clear() => _bytes[0] = 0;

    public int Realm(int leg) => Side(leg)[4];

    public ReadOnlySpan<byte> CallId(int leg) => Side(leg).Slice(5, BinaryPrimitives.ReadUInt16LittleEndian(Side(leg)));

    public ReadOnlySpan<byte> TheirTag(int leg) => Side(leg).Slice(
        5 + TextBytesMax, BinaryPrimitives.ReadUInt16LittleEndian(Side(leg)[2..]));

    public ReadOnlySpan<byte> OurTag(int leg) => Side(leg)[^Tokens.Length..];

    public void Set(Workspace work, CallTable calls, Handle handle)
    {
        _bytes[0] = 0;
        for (int leg = 0; leg < 2; leg++)
        {
            ref LegState state = ref calls[handle].Legs[leg];
            if (state.Text.IsNone) return;
            ReadOnlySpan<byte> callId = LegText.CallId(work.Buffers, state);
            ReadOnlySpan<byte> tag = LegText.RemoteTag(work.Buffers, state);
            if (callId.Length > TextBytesMax || tag.Length > TextBytesMax) return;
            Span<byte> side = Side(leg);
            BinaryPrimitives.WriteUInt16LittleEndian(side, (ushort)callId.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(side[2..], (ushort)tag.Length);
            side[4] = state.Realm;
            callId.CopyTo(side[5..]);
            tag.CopyTo(side[(5 + TextBytesMax)..]);
            calls.WriteToken(handle, leg, side[^Tokens.Length..]);
        }
        _bytes[0] = 1;
    }

    private Span<byte> Side(int leg) => _bytes.Slice(1 + (leg * SideBytes), SideBytes);
}
