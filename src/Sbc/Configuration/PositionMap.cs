namespace Sbc.Program.Configuration;

/// <summary>Path to place, for problems that the validator finds without knowing the file.</summary>
internal sealed class PositionMap
{
    private readonly Dictionary<string, Position> _positions = [];

    public PositionMap(YamlNode root)
    {
        _positions[""] = root.Position;
        Add(root, "");
    }

    /// <summary>The place of the path, or of the nearest part of the file around it: a missing key is reported where it
    /// is missing from.</summary>
    public Position Find(string path)
    {
        while (true)
        {
            if (_positions.TryGetValue(path, out Position position)) return position;
            path = Parent(path);
        }
    }

    public static string Join(string path, string key) => path == "" ? key : $"{path}.{key}";

    /// <summary>What the path is in: <c>routes[2]</c> for <c>routes[2].to</c>, <c>routes</c> for that.</summary>
    public static string Parent(string path) => path[..Math.Max(0, path.LastIndexOfAny(['.', '[']))];

    private void Add(YamlNode node, string path)
    {
        if (node is YamlMapping mapping)
        {
            foreach (YamlEntry entry in mapping.Entries)
            {
                string at = Join(path, entry.Key.Text);
                // A scalar is what is wrong itself; a block begins at its key, not at its first line.
                bool scalar = entry.Value is YamlScalar { Text: not "" };
                _positions[at] = scalar ? entry.Value.Position : entry.Key.Position;
                Add(entry.Value, at);
            }
        }
        else if (node is YamlSequence sequence)
        {
            for (int i = 0; i < sequence.Items.Count; i++)
            {
                _positions[$"{path}[{i}]"] = sequence.Items[i].Position;
                Add(sequence.Items[i], $"{path}[{i}]");
            }
        }
    }
}
