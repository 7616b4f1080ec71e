using System.Buffers.Binary;

namespace Sbc.Demo;

/// <summary>What a phone recorded: how long, and how much of it is the other's tone.</summary>
internal sealed record Heard(double Seconds, double Share)
{
    private const int HeaderBytes = 44;

    /// <summary>More than half of the energy is the tone: of G.711's nearly all is, of another one nothing.</summary>
    public bool IsTone => Seconds > 1 && Share > 0.5;

    /// <summary>Reads 16-bit PCM (RIFF WAVE, header of 44 bytes), and asks for one frequency (Goertzel).</summary>
    public static Heard Read(string file, int tone)
    {
        if (!File.Exists(file)) return new Heard(0, 0);
        byte[] bytes = File.ReadAllBytes(file);
        if (bytes.Length <= HeaderBytes) return new Heard(0, 0);
        int channels = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(22));
        int rate = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(24));
        int frames = (bytes.Length - HeaderBytes) / (2 * channels);
        double coefficient = 2 * Math.Cos(2 * Math.PI * tone / rate);
        double energy = 0, ofTone = 0, before = 0, last = 0;
        int window = rate / 10;
        for (int i = 0; i < frames; i++)
        {
            double sample = BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(HeaderBytes + (2 * channels * i)));
            energy += sample * sample;
            (before, last) = (last, sample + (coefficient * last) - before);
            if ((i + 1) % window != 0) continue;
            ofTone += 2 * ((last * last) + (before * before) - (coefficient * last * before)) / window;
            before = last = 0;
        }
        return new Heard((double)frames / rate, energy == 0 ? 0 : ofTone / energy);
    }
}
