using System.Globalization;
using Sbc.Engine.Config;
using YamlDotNet.Core;

namespace Sbc.Program.Configuration;

/// <summary>One value of the file, read as the type its key has; null where it is not of that type
/// (reported).</summary>
internal readonly struct ValueReader(YamlNode node, string path, Reading reading)
{
    public string Path => path;

    public Reading Reading => reading;

    public bool IsMapping => node is YamlMapping;

    public bool IsList => node is YamlSequence;

    public bool IsDoubleQuoted => node is YamlScalar { Style: ScalarStyle.DoubleQuoted };

    public string? Text()
    {
        if (node is YamlScalar scalar) return scalar.Text;
        Wrong("text belongs here");
        return null;
    }

    public bool IsWord(string word) => node is YamlScalar scalar && scalar.Text == word;

    /// <param name="expected">What the key takes.</param>
    public int? Whole(string expected = "a whole number")
    {
        if (node is not YamlScalar scalar)
            Wrong($"{expected} belongs here");
        else if (int.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return number;
        else if (scalar.Text.Length > 0 && scalar.Text.All(char.IsAsciiDigit))
            Fail($"{Shown(scalar.Text)} is too large");
        else
            Fail($"\"{Shown(scalar.Text)}\" is not a number; write {expected}");
        return null;
    }

    public bool? Flag()
    {
        if (node is not YamlScalar scalar) Wrong("true or false belongs here");
        else if (scalar.Text is "true" or "false") return scalar.Text == "true";
        else Fail($"\"{Shown(scalar.Text)}\" is neither true nor false");
        return null;
    }

    public T? Word<T>(WordTable<T> words)
        where T : struct, Enum
    {
        if (node is not YamlScalar scalar) Wrong($"one of {string.Join(", ", words.Words)} belongs here");
        else if (words.TryParse(scalar.Text, out T value)) return value;
        else Fail($"\"{Shown(scalar.Text)}\" is none of {string.Join(", ", words.Words)}{Near(scalar.Text, words)}");
        return null;
    }

    public bool TryParse<T>(ParseText<T> parse, out T value)
    {
        value = default!;
        if (Text() is not { } text) return false;
        if (parse(text, out value, out string error)) return true;
        Fail(error);
        return false;
    }

    public T? Parsed<T>(ParseText<T> parse)
        where T : struct => TryParse(parse, out T value) ? value : null;

    /// <summary>Its keys; an empty mapping where it is none (reported).</summary>
    public MappingReader Mapping()
    {
        if (node is YamlMapping mapping) return new MappingReader(mapping, path, reading);
        Wrong("a mapping (key: value) belongs here");
        return new MappingReader(new YamlMapping(node.Position, []), path, reading);
    }

    /// <summary>Its items; a value that is no list counts as a list of one.</summary>
    public IReadOnlyList<ValueReader> Items()
    {
        if (node is not YamlSequence sequence) return [this];
        var items = new List<ValueReader>();
        for (int i = 0; i < sequence.Items.Count; i++)
            items.Add(new ValueReader(sequence.Items[i], $"{path}[{i}]", reading));
        return items;
    }

    /// <summary>Its items, where only a list will do.</summary>
    public IReadOnlyList<ValueReader> List()
    {
        if (node is YamlSequence) return Items();
        Wrong("a list belongs here, such as [a, b]");
        return [];
    }

    public void Fail(string message) => reading.Broken(path, node.Position, message);

    public void Hint(string message) => reading.Warning(path, node.Position, message);

    /// <summary>An IPv6 listener outside quotes: it works in a block and breaks as soon as it moves into [ ].</summary>
    public void HintAtUnquotedIPv6()
    {
        if (node is YamlScalar { IsPlain: true } scalar && scalar.Text.Contains("://["))
            Hint($"write IPv6 listeners in quotes: \"{scalar.Text}\"");
    }

    /// <summary>In double quotes YAML reads the backslashes before the expression does.</summary>
    public void HintAtDoubleQuotes()
    {
        if (IsDoubleQuoted) Hint("write regular expressions in single quotes, where a backslash stays one");
    }

    private static string Near<T>(string text, WordTable<T> words)
        where T : struct, Enum => NearestName.Find(text, words.Words) is { } near ? $"; did you mean \"{near}\"?" : "";

    private static string Shown(string text) => text.Length <= 60 ? text : text[..60] + "...";

    private void Wrong(string expected)
    {
        string found = node switch
        {
            YamlMapping => "a mapping",
            YamlSequence => "a list",
            YamlScalar scalar => $"\"{Shown(scalar.Text)}\"",
            _ => "",
        };
        if (found == "") reading.Broken(path);
        else Fail($"{expected}, not {found}");
    }
}
