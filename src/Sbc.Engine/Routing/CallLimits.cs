namespace Sbc.Engine.Routing;

/// <summary>How many calls at once and how many new ones a second; 0: no limit.</summary>
public readonly record struct CallLimits(int CallsMax, int CallsPerSecond)
{
    public bool IsNone => CallsMax == 0 && CallsPerSecond == 0;
}
