namespace Sbc.Engine.Config;

/// <summary>A password or token that does not show itself in logs or in the text of a record.</summary>
public sealed record Secret(string Value)
{
    public override string ToString() => "(secret)";
}
