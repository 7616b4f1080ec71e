using System.Runtime.CompilerServices;

// Every native signature is of plain numbers and pointers; without marshalling a call costs the transition alone.
[assembly: DisableRuntimeMarshalling]
