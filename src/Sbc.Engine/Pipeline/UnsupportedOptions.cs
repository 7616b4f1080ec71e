using Sbc.Engine.Calls;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Pipeline;

/// <summary>What a request requires and what does not work through this box (RFC 3261 8.2.2.3, 16.3).</summary>
public static class UnsupportedOptions
{
    /// <summary>Bytes of the line in a 420: enough for a hundred options. What does not fit is not named.</summary>
    public const int LineBytesMax = 2048;

    private static ReadOnlySpan<byte> Start => "Unsupported: "u8;

    public static bool Any(SipMessage request) =>
        Any(request, HeaderName.Require) || Any(request, HeaderName.ProxyRequire);

    /// <summary>The whole line that names each of them; empty where none is a token that could be named.</summary>
    /// <param name="line"><see cref="LineBytesMax"/> bytes.</param>
    public static ReadOnlySpan<byte> Write(SipMessage request, Span<byte> line)
    {
        int length = 0;
        Append(request, HeaderName.Require, line, ref length);
        Append(request, HeaderName.ProxyRequire, line, ref length);
        if (length == 0) return default;
        "\r\n"u8.CopyTo(line[length..]);
        return line[..(length + 2)];
    }

    public static bool Any(SipMessage request, HeaderName name)
    {
        if (!request.Has(name)) return false;
        var options = new HeaderValues(request, name);
        while (options.MoveNext())
        {
            if (!OptionTags.Passes(options.Current)) return true;
        }
        return false;
    }

    private static void Append(SipMessage request, HeaderName name, Span<byte> line, ref int length)
    {
        var options = new HeaderValues(request, name);
        while (options.MoveNext())
        {
            ReadOnlySpan<byte> option = options.Current;
            if (OptionTags.Passes(option) || !Grammar.IsToken(option)) continue;
            ReadOnlySpan<byte> before = length == 0 ? Start : ", "u8;
            // The line end has its place, too.
            if (before.Length + option.Length + 2 > line.Length - length) continue;
            before.CopyTo(line[length..]);
            option.CopyTo(line[(length + before.Length)..]);
            length += before.Length + option.Length;
        }
    }
}
