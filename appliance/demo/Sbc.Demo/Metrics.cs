using System.Globalization;

namespace Sbc.Demo;

/// <summary>The box's own count, read from its metrics page in Prometheus' text format.</summary>
internal sealed class Metrics
{
    private readonly List<(string Name, Dictionary<string, string> Labels, double Value)> _samples = [];

    public Metrics(string page)
    {
        foreach (string line in page.Split('\n'))
        {
            int space = line.LastIndexOf(' ');
            if (line.StartsWith('#') || space < 0) continue;
            string[] name = line[..space].TrimEnd('}').Split('{', 2);
            if (double.TryParse(line[(space + 1)..], CultureInfo.InvariantCulture, out double value))
                _samples.Add((name[0], Labels(name.Length > 1 ? name[1] : ""), value));
        }
    }

    /// <summary>Null when nobody answers there.</summary>
    public static async Task<Metrics?> FetchAsync(CancellationToken stop)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            return new Metrics(await client.GetStringAsync($"{Plan.AdminUrl}/metrics", stop));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Null when the page has no such metric.</summary>
    public long? Sum(string name, params (string Label, string Value)[] labels)
    {
        double[] values = [.. _samples.Where(sample => sample.Name == name && labels.All(label =>
            sample.Labels.GetValueOrDefault(label.Label) == label.Value)).Select(sample => sample.Value)];
        return values.Length == 0 ? null : (long)values.Sum();
    }

    /// <summary>Drops that happened, as "12 not_latched", of one realm.</summary>
    public string Drops(string name, string realm)
    {
        string[] reasons = [.. _samples
            .Where(sample => sample.Name == name && sample.Value > 0
                && sample.Labels.GetValueOrDefault("realm") == realm)
            .Select(sample => $"{sample.Value} {sample.Labels.GetValueOrDefault("reason")}")];
        return reasons.Length == 0 ? "none" : string.Join(", ", reasons);
    }

    private static Dictionary<string, string> Labels(string text)
    {
        var labels = new Dictionary<string, string>();
        foreach (string label in text.Split("\",", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = label.TrimEnd('"').Split("=\"", 2);
            if (parts.Length == 2) labels[parts[0].Trim()] = parts[1];
        }
        return labels;
    }
}
