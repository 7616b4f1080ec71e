using Sbc.Engine.Routing;
using Sbc.Sip.Message;

namespace Sbc.Engine.Rewriting;

public enum RewriteAction : byte
{
    /// <summary>One field with this value in place of those there were.</summary>
    Set,

    Add,
    Remove,

    /// <summary>What the expression finds becomes something else.</summary>
    Replace,
}

public enum RewriteField : byte
{
    Header,
    RequestUser,
    RequestUri,
    FromUser,
    ToUser,
}

/// <summary>One change of a message, compiled for one worker.</summary>
public sealed class RewriteRule
{
    public required RewriteAction Action { get; init; }

    public required RewriteField Field { get; init; }

    public required HeaderName Name { get; init; }

    /// <summary>The header's name as it is written.</summary>
    public required byte[] NameText { get; init; }

    /// <summary>For Set and Add; for Replace what takes the place, without references.</summary>
    public required byte[] Value { get; init; }

    public required BytePattern? Pattern { get; init; }

    /// <summary>For Replace with references to groups, as $1; null: <see cref="Value"/> is all.</summary>
    public required string? Template { get; init; }

    public bool IsOf(SipMessage message, int field) =>
        Field == RewriteField.Header && message.NameAt(field) == Name && (Name != HeaderName.Other ||
            System.Text.Ascii.EqualsIgnoreCase(message.NameText(field), NameText));
}

/// <summary>What a route changes in messages on their way.</summary>
/// <param name="ToTarget">Requests from the caller, and responses to the target's.</param>
/// <param name="ToCaller">The other way.</param>
/// <param name="Statuses">Final responses that become others.</param>
public sealed record Rewrite(RewriteRule[] ToTarget, RewriteRule[] ToCaller, Dictionary<int, int> Statuses)
{
    public int Status(int code) => Statuses.GetValueOrDefault(code, code);
}
