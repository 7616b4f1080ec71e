namespace Sbc.Engine.Config;

/// <summary>An entry of <c>allow</c> or <c>deny</c>: a prefix, or a file with one a line.</summary>
public sealed record AddressListEntry(IPPrefix? Prefix, string? File);
