using System.Text;
using Sbc.Runtime;
using Sbc.Sip.Sdp;

namespace Sbc.Engine.Routing;

/// <summary>Whose OPTIONS to the box itself get an answer.</summary>
public enum AnswerOptions : byte
{
    All,
    Known,
    None,
}

/// <summary>An attached network, compiled.</summary>
public sealed class Realm
{
    /// <summary>Row in the shared cells and counters; a name keeps its row over reloads.</summary>
    public required int Id { get; init; }

    public required string Name { get; init; }

    public required bool Trusted { get; init; }

    public required bool NatAuto { get; init; }

    public required AnswerOptions AnswerOptions { get; init; }

    /// <summary>In-dialog requests must come from the address the dialog was last heard from.</summary>
    public required bool InDialogSameIP { get; init; }

    /// <summary>Requests must keep the whole grammar (<see cref="Pipeline.StrictForm"/>).</summary>
    public required bool IsStrict { get; init; }

    /// <summary>New requests, but of peers, need the credentials of a user.</summary>
    public bool Authenticates { get; init; }

    /// <summary>Realms of the credentials that are for the box, and go no further; empty: none are.</summary>
    public byte[][] AuthenticationRealms { get; init; } = [];

    /// <summary>Host names that are this box, in lower case.</summary>
    public required byte[][] Names { get; init; }

    public required Listener[] Listeners { get; init; }

    /// <summary>Those that a reload took away and that still serve calls: messages may name them.</summary>
    public Listener[] Retired { get; init; } = [];

    /// <summary>Null: media of this realm is not anchored.</summary>
    public RealmMedia? Media { get; init; }

    /// <summary>What descriptions from and to here may name; null: everything.</summary>
    public SdpCodecPolicy? Codecs { get; init; }

    /// <summary>0: no limit.</summary>
    public required int MessagesPerSecondPerSource { get; init; }

    /// <summary>REGISTERs of one source; 0: no limit.</summary>
    public int RegistrationsPerSecondPerSource { get; init; }

    public required int CallsPerSecond { get; init; }

    public required int CallsMax { get; init; }

    /// <summary>Whether a host of a URI is this box in this realm, by address, advertised address or name.</summary>
    public bool IsOwnHost(ReadOnlySpan<byte> host)
    {
        if (TransportAddress.TryParseHost(host, 0, out TransportAddress address))
        {
            foreach (Listener listener in Listeners)
            {
                if (listener.IsOwnAddress(address)) return true;
            }
            foreach (Listener listener in Retired)
            {
                if (listener.IsOwnAddress(address)) return true;
            }
            return false;
        }
        foreach (byte[] name in Names)
        {
            if (Ascii.EqualsIgnoreCase(name, host)) return true;
        }
        foreach (Listener listener in Listeners)
        {
            if (Ascii.EqualsIgnoreCase(listener.Host, host)) return true;
        }
        return false;
    }

    /// <summary>Whether a listener has that family.</summary>
    public bool Has(bool isIPv4)
    {
        foreach (Listener listener in Listeners)
        {
            if (listener.Local.IsIPv4 == isIPv4) return true;
        }
        return false;
    }

    /// <summary>The listener to send from to an address of its family; null when there is none.</summary>
    public Listener? ListenerFor(in TransportAddress destination)
    {
        foreach (Listener listener in Listeners)
        {
            if (listener.Local.IsIPv4 == destination.IsIPv4) return listener;
        }
        return null;
    }
}
