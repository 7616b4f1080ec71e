using System.Buffers.Binary;
using Sbc.Engine.Pipeline;
using Sbc.Engine.Worker;
using Sbc.Runtime;
using Sbc.Sip.Headers;

namespace Sbc.Engine.Calls;

/// <summary>
/// How each side of a call names it (Call-ID, their tag, ours, and whom they take us for), as bytes that can go from
/// worker to worker.
/// </summary>
/// <param name="bytes">At least <see cref="BytesMax"/> long.</param>
public readonly ref struct CallNames(Span<byte> bytes)
{
    /// <summary>A longer Call-ID or tag is not translated: no phone makes one.</summary>
    private const int TextBytesMax = 256;

    private const int SideBytes = 7 + (3 * TextBytesMax) + Tokens.Length;

    public const int BytesMax = 1 + (2 * SideBytes);

    private readonly Span<byte> _bytes = bytes;

    /// <summary>Whether there is such a call.</summary>
    public bool Exists => _bytes[0] != 0;

    public void Clear() => _bytes[0] = 0;

    public int Realm(int leg) => Side(leg)[6];

    public ReadOnlySpan<byte> CallId(int leg) => Text(leg, 0);

    public ReadOnlySpan<byte> TheirTag(int leg) => Text(leg, 1);

    /// <summary>The URI that we have on this leg: whom they called, or who called them. Empty: too long.</summary>
    public ReadOnlySpan<byte> OurUri(int leg) => Text(leg, 2);

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
            NameAddress.TryParse(LegText.Local(work.Buffers, state), out NameAddress local);
            SetText(leg, 0, callId);
            SetText(leg, 1, tag);
            SetText(leg, 2, local.Uri.Length > TextBytesMax ? default : local.Uri);
            Side(leg)[6] = state.Realm;
            calls.WriteToken(handle, leg, Side(leg)[^Tokens.Length..]);
        }
        _bytes[0] = 1;
    }

    private ReadOnlySpan<byte> Text(int leg, int index) => Side(leg).Slice(
        7 + (index * TextBytesMax), BinaryPrimitives.ReadUInt16LittleEndian(Side(leg)[(2 * index)..]));

    private void SetText(int leg, int index, ReadOnlySpan<byte> text)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Side(leg)[(2 * index)..], (ushort)text.Length);
        text.CopyTo(Side(leg)[(7 + (index * TextBytesMax))..]);
    }

    private Span<byte> Side(int leg) => _bytes.Slice(1 + (leg * SideBytes), SideBytes);
}
