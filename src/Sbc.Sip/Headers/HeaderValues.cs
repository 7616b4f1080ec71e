using Sbc.Sip.Message;

namespace Sbc.Sip.Headers;

/// <summary>Walks all values of one header: over its fields and over the commas inside them (RFC 3261 7.3.1).</summary>
public ref struct HeaderValues
{
    private readonly SipMessage _message;
    private ReadOnlySpan<byte> _rest;
    private int _index;
    private bool _more;

    public HeaderValues(SipMessage message, HeaderName name)
    {
        _message = message;
        _more = message.TryFind(name, out _index);
        if (_more) _rest = message.Value(_index);
    }

    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Whether a list of tokens has this one.</summary>
    public static bool Contains(SipMessage message, HeaderName name, ReadOnlySpan<byte> token)
    {
        var values = new HeaderValues(message, name);
        while (values.MoveNext())
        {
            if (System.Text.Ascii.EqualsIgnoreCase(Grammar.Trim(values.Current), token)) return true;
        }
        return false;
    }

    public bool MoveNext()
    {
        while (_more)
        {
            int comma = Quoting.IndexOfValueEnd(_rest);
            ReadOnlySpan<byte> value = Grammar.Trim(comma < 0 ? _rest : _rest[..comma]);
            if (comma >= 0)
            {
                _rest = _rest[(comma + 1)..];
            }
            else
            {
                _more = _message.TryNext(ref _index);
                if (_more) _rest = _message.Value(_index);
            }
            if (value.Length == 0) continue;
            Current = value;
            return true;
        }
        return false;
    }
}
