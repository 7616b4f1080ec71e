using System.Text.RegularExpressions;

namespace Sbc.Engine.Routing;

/// <summary>A regular expression over the bytes of a header value: linear in time whatever a stranger sends.</summary>
/// <remarks>
/// Each worker has an instance of its own: two that use one at once make it allocate. Non-backtracking expressions
/// build their states while they work, so the compiler of the snapshot lets each see a few texts first.
/// </remarks>
public sealed class BytePattern
{
    private readonly Regex _regex;

    public BytePattern(string pattern)
    {
        _regex = Parse(pattern);
        foreach (string text in WarmUp) _regex.IsMatch(text);
    }

    public Regex Regex => _regex;

    private static readonly string[] WarmUp =
        ["", "+491711234567", "0123456789*#", "alice", "sip:bob.smith@example.net;user=phone", "anonymous"];

    /// <exception cref="ArgumentException">It does not compile; the message says where.</exception>
    public static Regex Parse(string pattern) => new(
        pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public bool IsMatch(ReadOnlySpan<byte> text)
    {
        Span<char> characters = stackalloc char[Limits.PatternTextMax];
        return TryWiden(text, characters, out int length) && _regex.IsMatch(characters[..length]);
    }

    /// <summary>Byte by byte, so that places stay what they are; folds become blanks. False where it is too long.
    /// </summary>
    public static bool TryWiden(ReadOnlySpan<byte> text, Span<char> characters, out int length)
    {
        length = 0;
        if (text.Length > characters.Length) return false;
        foreach (byte value in text) characters[length++] = value is (byte)'\r' or (byte)'\n' ? ' ' : (char)value;
        return true;
    }

    /// <summary>What every match begins with; empty where that cannot be said.</summary>
    public static string LiteralStart(string pattern)
    {
        if (pattern.Length == 0 || pattern[0] != '^' || pattern.Contains('|')) return "";
        var literal = new System.Text.StringBuilder();
        for (int at = 1; at < pattern.Length; at++)
        {
            char next = pattern[at];
            bool escaped = next == '\\';
            // Behind a backslash only punctuation is itself: letters and digits are classes and references.
            if (escaped && (++at == pattern.Length || char.IsAsciiLetterOrDigit(pattern[at]))) break;
            if (!escaped && !char.IsAsciiLetterOrDigit(next) && next is not ('-' or '_' or '@' or ':')) break;
            if (at + 1 < pattern.Length && pattern[at + 1] is '*' or '?' or '{') break;
            literal.Append(pattern[at]);
            if (at + 1 < pattern.Length && pattern[at + 1] == '+') break;
        }
        return literal.ToString();
    }
}
