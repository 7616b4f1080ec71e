using Sbc.Engine.Config;

namespace Sbc.Program.Configuration;

/// <summary>The file of <c>registrar.users_file</c>: USER[@DOMAIN] MD5 SHA-256, a line for each user, the hashes in
/// hexadecimal or - where there is none. <c>sbc hash</c> prints such lines.</summary>
internal static class UsersFile
{
    /// <summary>A file of the wrong kind has a problem in every line.</summary>
    private const int ProblemsMax = 20;

    /// <summary>Those that can be read; the others are reported, by their line.</summary>
    public static IReadOnlyList<RegistrarUserConfig> Read(string file, MappingReader map)
    {
        var users = new List<RegistrarUserConfig>();
        int number = 0, problems = 0;
        try
        {
            foreach (string line in File.ReadLines(file))
            {
                number++;
                string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length == 0 || words[0][0] == '#') continue;
                if (words.Length == 3)
                {
                    users.Add(new RegistrarUserConfig
                    {
                        User = words[0], Ha1Md5 = Hash(words[1]), Ha1Sha256 = Hash(words[2]),
                    });
                    continue;
                }
                if (++problems > ProblemsMax) break;
                map.Reading.InFile(file, map.Path, new Position(number, 1),
                    "a line is USER MD5 SHA256, as sbc hash prints it");
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            map.Fail($"users_file cannot be read: {broken.Message}");
        }
        return users;
    }

    private static Secret? Hash(string word) => word == "-" ? null : new Secret(word);
}
