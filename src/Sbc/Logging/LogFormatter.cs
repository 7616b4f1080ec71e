using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sbc.Engine.Config;

namespace Sbc.Program.Logging;

/// <summary>A log line as it is written: one line, whatever is in it.</summary>
public static class LogFormatter
{
    // Readable quotes and angle brackets: no browser reads this.
    private static readonly JsonWriterOptions Readable =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(LogLine line, DateTimeOffset time)
    {
        string level = ConfigWords.LogLevel.Name(line.Level);
        string message = string.Concat(line.Message.Select(c => char.IsControl(c) ? '?' : c));
        return $"{time:yyyy-MM-ddTHH:mm:ss.fffZ} {level,-7} {message}";
    }

    public static string Json(LogLine line, DateTimeOffset time)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Readable))
        {
            writer.WriteStartObject();
            writer.WriteString("time", time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ"));
            writer.WriteString("level", ConfigWords.LogLevel.Name(line.Level));
            writer.WriteString("event", line.Event);
            writer.WriteString("message", line.Message);
            foreach ((string name, string value) in line.Fields) writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.ToArray());
    }
}
