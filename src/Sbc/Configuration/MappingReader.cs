using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>Reads the keys of one mapping. A key that was never asked for is unknown: what is read is what is valid, so
/// there is no second list of keys to fall behind.</summary>
internal sealed class MappingReader(YamlMapping mapping, string path, Reading reading)
{
    private readonly List<string> _asked = [];

    public string Path => path;

    public Reading Reading => reading;

    /// <summary>The value of a key; null when it is absent, or there with nothing in it.</summary>
    public ValueReader? Value(string key)
    {
        _asked.Add(key);
        YamlEntry? entry = mapping.Entries.Find(e => e.Key.Text == key);
        if (entry is null or { Value: YamlScalar { IsNothing: true } }) return null;
        return new ValueReader(entry.Value, PositionMap.Join(path, key), reading);
    }

    public string? Text(string key) => Value(key)?.Text();

    public int? Whole(string key) => Value(key)?.Whole();

    public bool? Flag(string key) => Value(key)?.Flag();

    public T? Word<T>(string key, WordTable<T> words)
        where T : struct, Enum => Value(key)?.Word(words);

    public T? Parsed<T>(string key, ParseText<T> parse)
        where T : class => Value(key) is { } value && value.TryParse(parse, out T parsed) ? parsed : null;

    /// <summary>The mapping under a key; null when absent.</summary>
    public MappingReader? Mapping(string key) => Value(key)?.Mapping();

    /// <summary>The mapping under a key; empty when absent, which gives every default.</summary>
    public MappingReader Section(string key) =>
        Mapping(key) ?? new MappingReader(new YamlMapping(mapping.Position, []), PositionMap.Join(path, key), reading);

    /// <summary>The entries of a mapping from names that the operator chose.</summary>
    public IReadOnlyList<(string Name, ValueReader Value)> Named(string key)
    {
        if (Value(key) is not { } value) return [];
        return value.Mapping().Entries();
    }

    public IReadOnlyList<(string Name, ValueReader Value)> Entries()
    {
        var entries = new List<(string, ValueReader)>();
        foreach (YamlEntry entry in mapping.Entries)
        {
            _asked.Add(entry.Key.Text);
            string at = PositionMap.Join(path, entry.Key.Text);
            entries.Add((entry.Key.Text, new ValueReader(entry.Value, at, reading)));
        }
        return entries;
    }

    /// <summary>The items that parse; the others are reported.</summary>
    /// <param name="single">One value without a list will do.</param>
    public IReadOnlyList<T> List<T>(string key, ParseText<T> parse, bool single = false)
    {
        var parsed = new List<T>();
        foreach (ValueReader item in Items(key, single))
            if (item.TryParse(parse, out T value)) parsed.Add(value);
        return parsed;
    }

    public IReadOnlyList<string> Texts(string key, bool single = false) =>
        [.. Items(key, single).Select(item => item.Text()).OfType<string>()];

    public IReadOnlyList<ValueReader> Items(string key, bool single = false) =>
        Value(key) is { } value ? single ? value.Items() : value.List() : [];

    /// <summary>A secret from <c>KEY</c> or <c>KEY_file</c>.</summary>
    public Secret? Secret(string key)
    {
        ValueReader? inline = Value(key);
        ValueReader? file = Value($"{key}_file");
        if (inline is not null && file is not null)
            file.Value.Fail($"{key} and {key}_file exclude each other; write one of them");
        else if (file is { } named)
            return named.TryParse<Secret>(ReadSecret, out Secret secret) ? secret : null;
        return inline?.Text() is { } text ? new Secret(text) : null;
    }

    /// <summary>A path, resolved against the file's folder.</summary>
    public string? File(string key) => Text(key) is { } name ? SecretFile.Resolve(reading.Folder, name) : null;

    /// <summary>An error about the mapping as a whole.</summary>
    public void Fail(string message) => reading.Broken(path, mapping.Position, message);

    /// <summary>Reports the keys that nobody asked for.</summary>
    public void Done()
    {
        foreach (YamlEntry entry in mapping.Entries)
        {
            string key = entry.Key.Text;
            if (_asked.Contains(key)) continue;
            string hint = NearestName.Hint(key, Offered);
            reading.Error(PositionMap.Join(path, key), entry.Key.Position, $"unknown key \"{key}\"{hint}");
        }
    }

    private List<string> Offered => [.. _asked.Where(asked => mapping.Entries.All(e => e.Key.Text != asked))];

    private bool ReadSecret(string name, out Secret secret, out string error) =>
        SecretFile.TryRead(reading.Folder, name, out secret, out error);
}
