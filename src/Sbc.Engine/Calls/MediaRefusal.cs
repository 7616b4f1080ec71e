using System.Text;
using Sbc.Media;
using Sbc.Sip.Sdp;

namespace Sbc.Engine.Calls;

/// <summary>Why a description is refused: the response, and what it says besides (RFC 3261 20.43, 21.4.13, 21.4.26).
/// </summary>
public sealed class MediaRefusal
{
    private static readonly byte[][] Errors =
        Array.ConvertAll(Enum.GetNames<SdpError>(), name => Warning(399, $"SDP: {name}"));

    private static readonly byte[] AddressFormat = Warning(301, "Incompatible network address formats");
    private static readonly byte[] MediaType = Warning(304, "Media type not available");
    private static readonly byte[] MediaFormat = Warning(305, "Incompatible media format");
    private static readonly byte[] Encoding415 =
        "Accept: application/sdp, multipart/mixed, multipart/alternative\r\nAccept-Encoding: identity\r\n"u8.ToArray();

    private int _code;
    private byte[] _lines = [];

    /// <summary>For the response of that code, once: the next one has its own reasons.</summary>
    public ReadOnlySpan<byte> Lines(int code)
    {
        byte[] lines = code == _code ? _lines : [];
        _code = 0;
        return lines;
    }

    /// <summary>What cannot be read is a bad request; what can, and is too large for us, is not acceptable here.
    /// </summary>
    public int Of(SdpError error) => Set(
        error is SdpError.TooLong or SdpError.TooManyMedia or SdpError.TooManyEdits ? 488 : 400, Errors[(int)error]);

    public int Of(SessionPartKind kind) => kind == SessionPartKind.Unsupported ? Set(415, Encoding415) : Set(400, []);

    /// <summary>Ports that are all in use are this box's limit: the caller may try again, or elsewhere.</summary>
    public int Of(MediaError error) => error == MediaError.NoAddress ? Set(488, AddressFormat) : Set(503, []);

    public int OfCodecs() => Set(488, MediaFormat);

    public int OfMedia() => Set(488, MediaType);

    private int Set(int code, byte[] lines)
    {
        _code = code;
        _lines = lines;
        return code;
    }

    private static byte[] Warning(int code, string text) =>
        Encoding.ASCII.GetBytes($"Warning: {code} sbc \"{text}\"\r\n");
}
