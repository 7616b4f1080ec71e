namespace Sbc.Sip.Message;

/// <summary>Where one header field lies in its message; all positions count from the message's first byte.</summary>
public struct HeaderField
{
    public HeaderName Name;

    /// <summary>Index of the next field of the same name; 0 at the end (field 0 is never a next one).</summary>
    public byte Next;

    public ushort LineStart;
    public ushort NameLength;
    public ushort ValueStart;
    public ushort ValueLength;

    /// <summary>One past the line end, folded lines included.</summary>
    public int LineEnd;
}
