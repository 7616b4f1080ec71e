using Sbc.Sip.Message;
using Sbc.Tests.Sip.Fuzz;
using Xunit;
using static Sbc.Tests.Sip.Message.SipSamples;

namespace Sbc.Tests.Sip.Message;

public class HeaderNamesTests
{
    public static TheoryData<HeaderName> AllNames => [.. Enum.GetValues<HeaderName>().Skip(1)];

    [Theory]
    [MemberData(nameof(AllNames))]
    public void Every_name_is_known_in_any_case_and_only_when_it_is_whole(HeaderName name)
    {
        string text = SlowMessage.Spelling(name);
        Assert.Equal(name, HeaderNames.Parse(Utf8(text)));
        Assert.Equal(name, HeaderNames.Parse(Utf8(text.ToUpperInvariant())));
        Assert.Equal(name, HeaderNames.Parse(Utf8(text.ToLowerInvariant())));
        Assert.Equal(HeaderName.Other, HeaderNames.Parse(Utf8(text + "x")));
        Assert.Equal(HeaderName.Other, HeaderNames.Parse(Utf8("x" + text)));
        byte[] wrong = Utf8(text);
        for (int at = 0; at < wrong.Length; at++)
        {
            byte kept = wrong[at];
            for (int value = 0; value < 256; value++)
            {
                if (char.ToLowerInvariant((char)value) == char.ToLowerInvariant((char)kept)) continue;
                wrong[at] = (byte)value;
                Assert.NotEqual(name, HeaderNames.Parse(wrong));
            }
            wrong[at] = kept;
        }
    }

    [Theory]
    [InlineData("v", HeaderName.Via)]
    [InlineData("F", HeaderName.From)]
    [InlineData("t", HeaderName.To)]
    [InlineData("i", HeaderName.CallId)]
    [InlineData("m", HeaderName.Contact)]
    [InlineData("c", HeaderName.ContentType)]
    [InlineData("l", HeaderName.ContentLength)]
    [InlineData("e", HeaderName.ContentEncoding)]
    [InlineData("k", HeaderName.Supported)]
    [InlineData("s", HeaderName.Subject)]
    [InlineData("o", HeaderName.Event)]
    [InlineData("u", HeaderName.AllowEvents)]
    [InlineData("r", HeaderName.ReferTo)]
    [InlineData("b", HeaderName.ReferredBy)]
    [InlineData("x", HeaderName.SessionExpires)]
    [InlineData("y", HeaderName.Identity)]
    [InlineData("z", HeaderName.Other)]
    [InlineData("a", HeaderName.Other)]
    [InlineData("vv", HeaderName.Other)]
    public void Compact_forms_are_known_and_other_letters_are_not(string text, HeaderName name) =>
        Assert.Equal(name, HeaderNames.Parse(Utf8(text)));

    [Theory]
    [InlineData("0", true, 0u)]
    [InlineData("0068", true, 68u)]
    [InlineData("4294967295", true, uint.MaxValue)]
    [InlineData("00000000000000000000000000000001", true, 1u)]
    [InlineData("4294967296", false, 0u)]
    [InlineData("99999999999999999999999999999999999", false, 0u)]
    [InlineData("", false, 0u)]
    [InlineData("+1", false, 0u)]
    [InlineData("-1", false, 0u)]
    [InlineData(" 1", false, 0u)]
    [InlineData("1 ", false, 0u)]
    [InlineData("0x1", false, 0u)]
    [InlineData("\u0661", false, 0u)]
    public void Numbers_are_digits_within_32_bits(string text, bool parses, uint value)
    {
        Assert.Equal(parses, Numbers.TryParse(Utf8(text), out uint number));
        Assert.Equal(value, number);
    }

    [Fact]
    public void Every_method_is_known_by_its_name_in_capitals_only()
    {
        foreach (SipMethod method in Enum.GetValues<SipMethod>().Where(method => method != SipMethod.Other))
        {
            Assert.Equal(method, SipMethods.Parse(method.Name()));
            Assert.Equal(method.ToString().ToUpperInvariant(), Text(method.Name()));
            Assert.Equal(SipMethod.Other, SipMethods.Parse(Utf8(Text(method.Name()).ToLowerInvariant())));
        }
        Assert.Equal(SipMethod.Other, SipMethods.Parse("other"u8));
        Assert.Equal(SipMethod.Other, SipMethods.Parse(""u8));
    }
}
