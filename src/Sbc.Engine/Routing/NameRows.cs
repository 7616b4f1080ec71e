namespace Sbc.Engine.Routing;

/// <summary>Gives each name a row in cells and counters, the same for as long as the process lives.</summary>
/// <remarks>
/// Rows are never reused, so that a call that outlives its peer's entry never counts for another one.
/// </remarks>
public sealed class NameRows(int limit)
{
    private readonly Dictionary<string, int> _rows = [];

    public int Count => _rows.Count;

    public IEnumerable<KeyValuePair<string, int>> All => _rows;

    /// <summary>False when all rows are taken: only a restart helps.</summary>
    public bool TryRow(string name, out int row)
    {
        if (_rows.TryGetValue(name, out row)) return true;
        if (_rows.Count == limit) return false;
        row = _rows.Count;
        _rows.Add(name, row);
        return true;
    }
}
