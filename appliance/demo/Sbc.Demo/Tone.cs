namespace Sbc.Demo;

/// <summary>One second of a 440 Hz tone in G.711 mu-law at 8000 samples a second: 50 payloads of 20 ms.</summary>
internal static class Tone
{
    public const int PayloadBytes = 160;
    private const int SamplesPerSecond = 8000;

    public static byte[] Create()
    {
        var samples = new byte[SamplesPerSecond];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = MuLaw((int)(8000 * Math.Sin(2 * Math.PI * 440 * i / SamplesPerSecond)));
        return samples;
    }

    /// <summary>ITU-T G.711: sign, three bits of exponent, four of mantissa, all inverted.</summary>
    private static byte MuLaw(int sample)
    {
        const int bias = 0x84;
        int sign = sample < 0 ? 0x80 : 0;
        int magnitude = Math.Abs(sample) + bias;
        int exponent = 7;
        while (exponent > 0 && (magnitude & (0x80 << exponent)) == 0) exponent--;
        int mantissa = (magnitude >> (exponent + 3)) & 0x0F;
        return (byte)~(sign | (exponent << 4) | mantissa);
    }
}
