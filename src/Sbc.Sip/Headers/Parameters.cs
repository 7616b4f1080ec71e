using System.Text;
using Sbc.Sip.Message;

namespace Sbc.Sip.Headers;

/// <summary>Walks <c>;name=value;name</c> parameters; values may be quoted; white space around them is allowed.</summary>
public ref struct Parameters(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Without white space; with its quotes where it is quoted.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    public bool HasValue { get; private set; }

    /// <summary>The parameter as written, without its semicolon.</summary>
    public ReadOnlySpan<byte> Text { get; private set; }

    public bool MoveNext()
    {
        while (true)
        {
            _rest = Grammar.TrimStart(_rest);
            if (_rest.Length == 0 || _rest[0] != ';') return false;
            _rest = _rest[1..];
            int end = Quoting.IndexOfOutsideQuotes(_rest, (byte)';');
            ReadOnlySpan<byte> parameter = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[end..];
            parameter = Grammar.Trim(parameter);
            // An empty parameter (";;") is nothing; several stacks write it.
            if (parameter.Length == 0) continue;
            Text = parameter;
            int equals = parameter.IndexOf((byte)'=');
            HasValue = equals >= 0;
            Name = HasValue ? Grammar.Trim(parameter[..equals]) : parameter;
            Value = HasValue ? Grammar.Trim(parameter[(equals + 1)..]) : default;
            return true;
        }
    }

    /// <summary>
    /// Whether a quote begins no earlier than a value and ends no later: else its neighbours, tags and branches among
    /// them, are parameters to one reader and part of a string to the next, and so is what is appended.
    /// </summary>
    public static bool AreQuotedWell(ReadOnlySpan<byte> parameters)
    {
        if (parameters.IndexOf((byte)'"') < 0) return true;
        var walk = new Parameters(parameters);
        while (walk.MoveNext())
        {
            if (walk.Text.IndexOf((byte)'"') < 0) continue;
            if (walk.Name.IndexOf((byte)'"') >= 0 || !Quoting.IsQuotedString(walk.Value)) return false;
        }
        return true;
    }

    /// <summary>How many parameters have that name; the grammar allows one (RFC 3261 7.3.1).</summary>
    public static int CountOf(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> name)
    {
        int count = 0;
        var walk = new Parameters(parameters);
        while (walk.MoveNext())
        {
            if (Ascii.EqualsIgnoreCase(walk.Name, name)) count++;
        }
        return count;
    }

    /// <summary>The value of the first parameter of that name, whatever its case.</summary>
    public static bool TryGet(ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var walk = new Parameters(parameters);
        while (walk.MoveNext())
        {
            if (!Ascii.EqualsIgnoreCase(walk.Name, name)) continue;
            value = walk.Value;
            return true;
        }
        value = default;
        return false;
    }
}
