using System.Collections.Concurrent;
using System.Text;

namespace Sbc.Tests.Program;

/// <summary>A log that a test reads while it is written.</summary>
public sealed class LineSink : TextWriter
{
    private readonly ConcurrentQueue<string> _lines = new();

    public override Encoding Encoding => Encoding.UTF8;

    public IReadOnlyList<string> Lines => [.. _lines];

    public override void WriteLine(string? value) => _lines.Enqueue(value ?? "");
}
