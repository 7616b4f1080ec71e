using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>What came of reading a configuration.</summary>
/// <param name="Config">Null when a problem is an error.</param>
/// <param name="Problems">All of them, in the order of the file.</param>
public sealed record ConfigLoad(SbcConfig? Config, IReadOnlyList<FileProblem> Problems);
