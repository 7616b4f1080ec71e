namespace Sbc.Engine.Registrations;

/// <summary>What became of a REGISTER in front of a core registrar, as sbc_registrations_total says it.</summary>
public enum RegistrationResult : byte
{
    /// <summary>From what is known here.</summary>
    Answered,

    /// <summary>At the core registrar.</summary>
    Relayed,

    /// <summary>Told to come again when the core registrar has time.</summary>
    Deferred,
}
