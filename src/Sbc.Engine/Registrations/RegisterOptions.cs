using System.Text;
using Sbc.Engine.Calls;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Registrations;

/// <summary>Option tags that a registrar knows beside those that pass through the box (RFC 3261 10.3 step 2).</summary>
public static class RegisterOptions
{
    public static bool AnyUnsupported(SipMessage register)
    {
        var options = new HeaderValues(register, HeaderName.Require);
        while (options.MoveNext())
        {
            if (!IsKnown(options.Current)) return true;
        }
        options = new HeaderValues(register, HeaderName.ProxyRequire);
        while (options.MoveNext())
        {
            if (!OptionTags.Passes(options.Current)) return true;
        }
        return false;
    }

    /// <summary>The line of a 420 that names the first of them; empty where it is no token.</summary>
    public static ReadOnlySpan<byte> WriteUnsupported(SipMessage register, Span<byte> line)
    {
        var options = new HeaderValues(register, HeaderName.Require);
        while (options.MoveNext())
        {
            if (IsKnown(options.Current) || !Grammar.IsToken(options.Current)) continue;
            if (options.Current.Length + 15 > line.Length) continue;
            "Unsupported: "u8.CopyTo(line);
            options.Current.CopyTo(line[13..]);
            "\r\n"u8.CopyTo(line[(13 + options.Current.Length)..]);
            return line[..(15 + options.Current.Length)];
        }
        return Pipeline.UnsupportedOptions.Write(register, line);
    }

    private static bool IsKnown(ReadOnlySpan<byte> option) =>
        Ascii.EqualsIgnoreCase(option, "path"u8) || Ascii.EqualsIgnoreCase(option, "outbound"u8) ||
        Ascii.EqualsIgnoreCase(option, "gruu"u8) || OptionTags.Passes(option);
}
