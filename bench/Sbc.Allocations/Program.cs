using Sbc.Allocations;

// Allocations                     measures every operation and prints the table
// Allocations check TABLE         the same, and fails where an operation allocates more than the table says
// Allocations repeat SECONDS NAME repeats one operation, for a profiler
switch (args)
{
    case []:
        foreach (Measurement measured in Meter.All()) Console.WriteLine(measured.Row);
        return 0;
    case ["check", string table]:
        return AllocationTable.Read(table).Compare(Meter.All(), Console.Out) ? 0 : 1;
    case ["repeat", string seconds, string name]:
        Meter.Repeat(name, int.Parse(seconds));
        return 0;
    default:
        Console.Error.WriteLine("usage: Sbc.Allocations [check TABLE | repeat SECONDS NAME]");
        return 2;
}
