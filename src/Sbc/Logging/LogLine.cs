using Sbc.Engine.Config;

namespace Sbc.Program.Logging;

/// <summary>One event for people.</summary>
/// <param name="Event">What a machine looks for, in snake_case; never changes.</param>
/// <param name="Message">The same as a sentence, with its cause.</param>
/// <param name="Fields">Names in snake_case and values, for the JSON form; the message says them already.</param>
public sealed record LogLine(
    LogLevel Level, string Event, string Message, params (string Name, string Value)[] Fields);
