using Sbc.Engine.Config;
using Sbc.Sip.Sdp;

namespace Sbc.Program.Configuration;

/// <summary><c>codecs</c> of a realm or route to <see cref="CodecsConfig"/>.</summary>
internal static class CodecsBinder
{
    public static CodecsConfig Bind(MappingReader map)
    {
        var codecs = new CodecsConfig
        {
            Allow = map.List<string>("allow", Parse, single: true),
            Deny = map.List<string>("deny", Parse, single: true),
            Order = map.List<string>("order", Parse, single: true),
        };
        map.Done();
        return codecs;
    }

    private static bool Parse(string text, out string codec, out string error)
    {
        codec = text;
        bool good = SdpCodec.TryParse(text, out _);
        error = good
            ? ""
            : $"\"{text}\" is no codec; write its encoding name, as PCMA, or opus/48000 with a clock rate";
        return good;
    }
}
