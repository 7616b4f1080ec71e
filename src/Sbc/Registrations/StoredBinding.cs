namespace Sbc.Program.Registrations;

/// <summary>A binding as the file has it: what stays true when the process is gone.</summary>
/// <param name="Listener">Address and port that it came in at.</param>
/// <param name="Remote">Where it came from.</param>
/// <param name="ExpiresAt">Microseconds from 1970 on.</param>
/// <param name="UpdatedAt">The same.</param>
public sealed record StoredBinding(
    byte[] Aor, byte[] Contact, byte[] CallId, long CSeq, byte[] Path, byte[] Instance, long RegId, byte[] UserAgent,
    byte[] Features, int Quality, int Traits, string Listener, string Remote, long ExpiresAt, long UpdatedAt,
    StoredCore? Core = null);
