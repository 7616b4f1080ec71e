using System.Text;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Calls;

/// <summary>
/// A dialog named by a message: Replaces (RFC 3891 6.1), Join (3911), Target-Dialog (4538), dialog-info (4235).
/// </summary>
/// <param name="near">to-tag or local-tag: the tag of whom the name is told to, or who tells of itself.</param>
/// <param name="far">from-tag or remote-tag.</param>
public readonly ref struct DialogName(ReadOnlySpan<byte> callId, ReadOnlySpan<byte> near, ReadOnlySpan<byte> far)
{
    public ReadOnlySpan<byte> CallId { get; } = callId;

    public ReadOnlySpan<byte> Near { get; } = near;

    public ReadOnlySpan<byte> Far { get; } = far;

    /// <summary>From a header value: Call-ID, then parameters.</summary>
    public static bool TryParse(ReadOnlySpan<byte> value, out DialogName name)
    {
        name = default;
        int end = value.IndexOf((byte)';');
        if (end <= 0) return false;
        ReadOnlySpan<byte> near = default, far = default;
        var parameters = new Parameters(value[end..]);
        while (parameters.MoveNext())
        {
            if (IsNear(parameters.Name)) near = parameters.Value;
            else if (IsFar(parameters.Name)) far = parameters.Value;
        }
        name = new DialogName(Grammar.Trim(value[..end]), near, far);
        return near.Length > 0 && far.Length > 0;
    }

    public static bool IsNear(ReadOnlySpan<byte> parameter) =>
        Ascii.EqualsIgnoreCase(parameter, "to-tag"u8) || Ascii.EqualsIgnoreCase(parameter, "local-tag"u8);

    public static bool IsFar(ReadOnlySpan<byte> parameter) =>
        Ascii.EqualsIgnoreCase(parameter, "from-tag"u8) || Ascii.EqualsIgnoreCase(parameter, "remote-tag"u8);
}
