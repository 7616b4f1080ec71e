namespace Sbc.Program.Registrations;

/// <summary>The store of registrations cannot be used; the message is for the operator.</summary>
public sealed class RegistrationFileException(string message, Exception? inner = null) : Exception(message, inner);
