using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>A file that holds one secret, so that the configuration itself can be shown.</summary>
internal static class SecretFile
{
    private const int BytesMax = 4096;

    public static string Resolve(string folder, string name) => Path.GetFullPath(Path.Combine(folder, name));

    /// <summary>The file's text without the line end that editors add.</summary>
    public static bool TryRead(string folder, string name, out Secret secret, out string error)
    {
        secret = new Secret("");
        string path = Resolve(folder, name);
        try
        {
            if (new FileInfo(path).Length > BytesMax)
            {
                error = $"{path} is larger than {BytesMax} bytes and no secret";
                return false;
            }
            secret = new Secret(File.ReadAllText(path).TrimEnd('\r', '\n'));
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error = $"the secret cannot be read: {broken.Message}";
            return false;
        }
        error = secret.Value.Length == 0 ? $"{path} is empty; write the secret into it" : "";
        return error == "";
    }
}
