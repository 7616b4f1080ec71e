using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>Where a running box has its configuration from, and reads it again.</summary>
public sealed record ConfigSource(string Path, ISystemFacts Facts)
{
    public ConfigLoad Load() => ConfigFile.Load(Path, Facts);

    /// <summary>For a reload: what only a restart can change is a problem too.</summary>
    public ConfigLoad LoadBeside(SbcConfig running) => ConfigFile.Load(Path, Facts, running);
}
