namespace Sbc.Demo;

/// <summary>The program that the demo is about.</summary>
internal static class Box
{
    public static async Task<Child> StartAsync(string name, string folder, string config, CancellationToken stop)
    {
        var box = new Child(name, folder, Path.GetFullPath("out/sbc"), "run", "--config", config);
        try
        {
            await box.WaitForAsync(() => box.Log.Contains("sbc ready", StringComparison.Ordinal), "ready", stop);
            return box;
        }
        catch
        {
            box.Dispose();
            throw;
        }
    }
}
