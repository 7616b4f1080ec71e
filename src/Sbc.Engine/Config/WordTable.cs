namespace Sbc.Engine.Config;

/// <summary>The words of the configuration that stand for the values of an enum.</summary>
public sealed class WordTable<T>(params (string Word, T Value)[] words)
    where T : struct, Enum
{
    public IReadOnlyList<string> Words { get; } = [.. words.Select(word => word.Word)];

    public bool TryParse(string text, out T value)
    {
        foreach ((string word, T known) in words)
        {
            if (word != text) continue;
            value = known;
            return true;
        }
        value = default;
        return false;
    }

    public string Name(T value) => words.First(word => EqualityComparer<T>.Default.Equals(word.Value, value)).Word;

    /// <summary>"; did you mean ...?" or the list of what would be right.</summary>
    public string Hint(string text) => NearestName.Hint(text, Words);
}
