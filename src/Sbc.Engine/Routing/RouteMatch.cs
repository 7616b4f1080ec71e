using Sbc.Runtime;
using Sbc.Sip.Headers;
using Sbc.Sip.Message;

namespace Sbc.Engine.Routing;

/// <summary>A header field that must match; one of several fields of the name is enough.</summary>
/// <param name="Name">Known by name, or Other.</param>
/// <param name="Text">The name where it is Other.</param>
/// <param name="Pattern">Over the field's value.</param>
public sealed record HeaderCondition(HeaderName Name, byte[] Text, BytePattern Pattern);

/// <summary>`match` of a route, compiled for one worker: all that is given must hold.</summary>
public sealed class RouteMatch
{
    /// <summary>Bit i: method i; 0: any.</summary>
    public required uint Methods { get; init; }

    /// <summary>The cheapest first: what fails is left early.</summary>
    public required SourcePrefix[] Sources { get; init; }

    /// <summary>Bit i: minute i of the week; null: any time.</summary>
    public required ulong[]? Minutes { get; init; }

    public required BytePattern? RequestUser { get; init; }

    public required BytePattern? RequestUri { get; init; }

    public required BytePattern? From { get; init; }

    public required BytePattern? To { get; init; }

    public required HeaderCondition[] Headers { get; init; }

    /// <summary>The user of the Request-URI must have a prefix in it.</summary>
    public required NumberTable? Table { get; init; }

    /// <summary>With one of these values; empty: with any.</summary>
    public required int[] TableValues { get; init; }

    public bool Holds(scoped in RouteQuestion question)
    {
        if (Methods != 0 && (Methods >> (int)MethodOf(question.Request) & 1) == 0) return false;
        if (Sources.Length > 0 && !IsFromSource(question.Origin.Source)) return false;
        int minute = question.MinuteOfWeek;
        if (Minutes is not null && (Minutes[minute >> 6] >> minute & 1) == 0) return false;
        if (Table is not null && !IsInTable(question.User)) return false;
        if (RequestUser is not null && !RequestUser.IsMatch(question.User)) return false;
        if (RequestUri is not null && !RequestUri.IsMatch(question.RequestUri)) return false;
        if (From is not null && !IsUriMatch(From, question.Request.Value(HeaderName.From))) return false;
        if (To is not null && !IsUriMatch(To, question.Request.Value(HeaderName.To))) return false;
        foreach (HeaderCondition header in Headers)
        {
            if (!IsHeaderMatch(question.Request, header)) return false;
        }
        return true;
    }

    /// <summary>CANCEL and ACK are of their INVITE, and go where that went.</summary>
    private static SipMethod MethodOf(SipMessage request) =>
        request.Method is SipMethod.Cancel or SipMethod.Ack ? SipMethod.Invite : request.Method;

    private bool IsFromSource(in TransportAddress source)
    {
        foreach (ref readonly SourcePrefix prefix in Sources.AsSpan())
        {
            if (source.InPrefix(prefix.Address, prefix.Length)) return true;
        }
        return false;
    }

    private bool IsInTable(ReadOnlySpan<byte> user)
    {
        int value = Table!.Find(user);
        return value >= 0 && (TableValues.Length == 0 || Array.IndexOf(TableValues, value) >= 0);
    }

    private static bool IsUriMatch(BytePattern pattern, ReadOnlySpan<byte> value) =>
        NameAddress.TryParse(value, out NameAddress address) && pattern.IsMatch(address.Uri);

    private static bool IsHeaderMatch(SipMessage request, HeaderCondition condition)
    {
        for (int i = 0; i < request.HeaderCount; i++)
        {
            if (request.NameAt(i) == condition.Name && (condition.Name != HeaderName.Other ||
                System.Text.Ascii.EqualsIgnoreCase(request.NameText(i), condition.Text)) &&
                condition.Pattern.IsMatch(request.Value(i))) return true;
        }
        return false;
    }
}
