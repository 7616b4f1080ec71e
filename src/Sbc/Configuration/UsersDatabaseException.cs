namespace Sbc.Program.Configuration;

/// <summary>The users of a database cannot be had; the message is for the operator.</summary>
public sealed class UsersDatabaseException(string message, Exception? inner = null) : Exception(message, inner);
