using Sbc.Runtime;

namespace Sbc.Engine.Registrations;

/// <summary>Who subscribed to the registrations of one address-of-record (RFC 3680). Its dialog is a call's.</summary>
public struct Watcher
{
    /// <summary>Of kind <see cref="Calls.CallKind.Watch"/>; it lives as long as the subscription.</summary>
    public Handle Call;

    /// <summary>Row of what it watches.</summary>
    public int Aor;

    /// <summary>The next one of the same address; -1: none.</summary>
    public int Next;

    /// <summary>The NOTIFY that is not answered yet: one at a time.</summary>
    public Handle Client;

    /// <summary>Something changed meanwhile.</summary>
    public bool IsDirty;

    /// <summary>Of the next document (RFC 3680 5.2): each has one more than the one before.</summary>
    public uint Version;

    public Instant EndsAt;

    /// <summary>The id parameter of its Event (RFC 6665 8.2.1).</summary>
    public BufferRef EventId;
}

/// <summary>An address-of-record that somebody watches, registered or not.</summary>
public struct WatchedAor
{
    public ulong Hash;
    public BufferRef Name;

    /// <summary>Its first watcher; -1: none.</summary>
    public int First;
    public int Count;

    /// <summary>Contacts that went since the last NOTIFY, as the document has them: its watchers hear of each once.
    /// </summary>
    public BufferRef Departed;

    /// <summary>No NOTIFY before that, whatever changes.</summary>
    public Instant QuietUntil;

    /// <summary>For the NOTIFYs of what has changed; 0: nothing has.</summary>
    public int Timer;
}
