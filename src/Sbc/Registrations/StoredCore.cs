namespace Sbc.Program.Registrations;

/// <summary>What a core registrar has said of a binding; null where the registrar is the box's own.</summary>
/// <param name="Id">Its name there.</param>
/// <param name="ServiceRoute">RFC 3608.</param>
/// <param name="Identities">P-Associated-URI.</param>
/// <param name="ExpiresAt">Microseconds from 1970 on.</param>
/// <param name="RefreshAt">The same.</param>
public sealed record StoredCore(byte[] Id, byte[] ServiceRoute, byte[] Identities, long ExpiresAt, long RefreshAt);
