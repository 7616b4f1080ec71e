namespace Sbc.Demo;

/// <summary>The demo cannot go on; the message is for the person who started it.</summary>
internal sealed class DemoFailed(string message) : Exception(message);
