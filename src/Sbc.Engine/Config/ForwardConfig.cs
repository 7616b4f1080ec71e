namespace Sbc.Engine.Config;

/// <summary><c>forward</c>: what is common to the routes of mode forward.</summary>
public sealed record ForwardConfig
{
    /// <summary>The fewest characters of a key: 128 bits in hexadecimal digits.</summary>
    public const int KeyLengthMin = 32;

    /// <summary>
    /// <c>key_file</c> (or <c>key</c>): what the tokens in Record-Route are authenticated with. Dialogs then outlive a
    /// restart, and boxes that share it serve each other's. Null: a random one each start.
    /// </summary>
    public Secret? Key { get; init; }
}
