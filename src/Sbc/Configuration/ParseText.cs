namespace Sbc.Program.Configuration;

/// <summary>Text to a value, or what is wrong with it.</summary>
internal delegate bool ParseText<T>(string text, out T value, out string error);
