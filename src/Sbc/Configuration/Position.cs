namespace Sbc.Program.Configuration;

/// <summary>A place in the file, both counted from 1. Line 0: the file as a whole.</summary>
public readonly record struct Position(int Line, int Column);
