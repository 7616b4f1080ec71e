using System.Text.Json.Serialization;

namespace Sbc.Program.Serving;

/// <summary>What a reload did to one section of names.</summary>
public sealed record NameChanges(
    IReadOnlyList<string> Added, IReadOnlyList<string> Removed, IReadOnlyList<string> Changed)
{
    [JsonIgnore]
    public bool IsNone => Added.Count + Removed.Count + Changed.Count == 0;

    public static NameChanges Between<T>(
        IReadOnlyList<T> old, IReadOnlyList<T> next, Func<T, string> nameOf, Func<T, T, bool> same)
    {
        Dictionary<string, T> before = old.ToDictionary(nameOf);
        Dictionary<string, T> after = next.ToDictionary(nameOf);
        return new NameChanges(
            [.. after.Keys.Where(name => !before.ContainsKey(name))],
            [.. before.Keys.Where(name => !after.ContainsKey(name))],
            [.. after.Keys.Where(name => before.TryGetValue(name, out T? was) && !same(was, after[name]))]);
    }
}
