using YamlDotNet.Core;

namespace Sbc.Program.Configuration;

/// <summary>A node of the file with its place.</summary>
internal abstract record YamlNode(Position Position);

/// <summary>Text; what type it has is decided by its key.</summary>
internal sealed record YamlScalar(Position Position, string Text, ScalarStyle Style) : YamlNode(Position)
{
    public bool IsPlain => Style == ScalarStyle.Plain;

    /// <summary>Nothing, <c>~</c> or <c>null</c> without quotes: the key counts as not given.</summary>
    public bool IsNothing => IsPlain && Text is "" or "~" or "null";
}

internal sealed record YamlSequence(Position Position, List<YamlNode> Items) : YamlNode(Position);

internal sealed record YamlMapping(Position Position, List<YamlEntry> Entries) : YamlNode(Position);

/// <summary>A node that was refused, such as an alias; what reads it says nothing more about it.</summary>
internal sealed record YamlRefused(Position Position) : YamlNode(Position);

internal sealed record YamlEntry(YamlScalar Key, YamlNode Value);
