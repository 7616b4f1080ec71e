namespace Sbc.Engine.Worker;

/// <summary>What a timer of a worker's wheel belongs to.</summary>
public static class TimerKind
{
    public const byte Server = 1;
    public const byte Client = 2;
    public const byte Call = 3;
    public const byte Probe = 4;
    public const byte Media = 5;
    public const byte Binding = 6;
    public const byte Trunk = 8;
    public const byte Watch = 9;
}
