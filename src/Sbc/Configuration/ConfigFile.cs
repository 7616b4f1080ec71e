using System.Text;
using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>The configuration file: text, to tree, to records, to validated records.</summary>
public static class ConfigFile
{
    /// <summary>Thousands of peers fit; a file that is larger is not a configuration.</summary>
    private const int BytesMax = 1 << 20;

    /// <param name="running">For a reload: what is being served, some of which only a restart can change.</param>
    public static ConfigLoad Load(string path, ISystemFacts facts, SbcConfig? running = null)
    {
        var reading = new Reading(path, facts);
        if (ReadText(path, reading) is not { } text) return new ConfigLoad(null, [.. reading.InOrder]);
        YamlNode? root = YamlReader.Read(text, reading);
        if (root is null && reading.HasErrors) return new ConfigLoad(null, [.. reading.InOrder]);

        // An empty file is a mapping without keys: the validator then says what is missing.
        if (root is null or YamlScalar { IsNothing: true }) root = new YamlMapping(new Position(1, 1), []);
        SbcConfig config = ConfigBinder.Bind(new ValueReader(root, "", reading));
        if (root is YamlMapping)
        {
            var positions = new PositionMap(root);
            reading.Add(ConfigValidator.Validate(config, facts), positions);
            if (running is not null) reading.Add(RestartRules.Check(running, config, facts), positions);
        }
        return new ConfigLoad(reading.HasErrors ? null : config, [.. reading.InOrder]);
    }

    private static string? ReadText(string path, Reading reading)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[BytesMax + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > BytesMax)
            {
                reading.Error(
                    "", default, $"the file is larger than {BytesMax} bytes; split the farm into several boxes");
                return null;
            }
            var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
            return strict.GetString(bytes.AsSpan(0, length)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            reading.Error("", default, "the file is not UTF-8; save it as UTF-8");
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or ArgumentException)
        {
            reading.Error("", default, $"the file cannot be read: {broken.Message}");
        }
        return null;
    }
}
