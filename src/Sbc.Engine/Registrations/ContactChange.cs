namespace Sbc.Engine.Registrations;

/// <summary>What a REGISTER makes of one binding.</summary>
public struct ContactChange
{
    /// <summary>The binding that it names; -1: none yet.</summary>
    public int Target;

    /// <summary>It expires at once.</summary>
    public bool Removes;

    /// <summary>What becomes of it.</summary>
    public Binding Binding;
}
