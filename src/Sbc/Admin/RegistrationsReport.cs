namespace Sbc.Program.Admin;

/// <summary>Who is registered, and where.</summary>
/// <param name="RegistrationsActive">Bindings of the whole box.</param>
/// <param name="Complete">False where the list is cut at its limit.</param>
/// <param name="Removed">How many were removed; null where nobody asked for that.</param>
public sealed record RegistrationsReport(
    long RegistrationsActive, bool Complete, IReadOnlyList<RegistrationReport> Registrations, int? Removed = null);

/// <summary>One binding.</summary>
/// <param name="User">The address-of-record.</param>
/// <param name="Source">Where its REGISTER came from, and where requests to it go.</param>
/// <param name="Listener">Where that came in.</param>
/// <param name="Nat">It did not come from where its Contact is.</param>
public sealed record RegistrationReport(
    string User, string Contact, string Realm, string Listener, string Source, long ExpiresSeconds, double Q, bool Nat,
    string? Instance, long? RegId, string? Path, string UserAgent, string CallId, long Cseq);
