using System.Text;
using Sbc.Engine.Config;
using Sbc.Engine.Routing;
using Sbc.Sip.Authentication;

namespace Sbc.Engine.Registrations;

/// <summary>Compiles the registrar of a valid configuration; passwords become hashes here.</summary>
public static class RegistrarBuilder
{
    /// <summary>Null: there is none.</summary>
    /// <param name="find">The group of a name.</param>
    public static Registrar? Build(RegistrarConfig? config, Func<string, Group> find)
    {
        if (config is null) return null;
        UserTable users = config.UsersTable?.Users ??
            new UserTable(config.Users.Concat(config.FileUsers).Select(user => Secret(user, config)));
        return new Registrar
        {
            Domains = [.. config.Domains.Select(Lower)],
            Users = users,
            Challenges = config.Mode == RegistrarMode.Local && config.Authenticate,
            AsksSha256 = users.HasSha256 && config.Algorithms.Contains(RegistrarConfig.Sha256Word),
            AsksMd5 = users.HasMd5 && config.Algorithms.Contains(RegistrarConfig.Md5Word),
            ExpiresMin = config.ExpiresSecondsMin,
            ExpiresMax = config.ExpiresSecondsMax,
            ExpiresMaxNat = Math.Min(config.NatExpiresSecondsMax, config.ExpiresSecondsMax),
            ContactsMax = config.ContactsMax,
            BindingsMax = config.RegistrationsMax,
            Relay = config.Mode == RegistrarMode.Local ? null : new RegistrarRelay
            {
                Group = find(config.To!),
                Expires = config.RegistrarExpiresSeconds,
                PerSecond = config.RegistrationsPerSecond,
                WritesPath = config.Path,
            },
        };
    }

    private static UserSecret Secret(RegistrarUserConfig user, RegistrarConfig config)
    {
        int at = user.User.LastIndexOf('@');
        byte[] name = Encoding.UTF8.GetBytes(at < 0 ? user.User : user.User[..at]);
        byte[] domain = Lower(at < 0 ? config.Domains[0] : user.User[(at + 1)..]);
        if (user.Password is null)
        {
            return new UserSecret(
                name, domain, user.Ha1Md5 is null ? null : Convert.FromHexString(user.Ha1Md5.Value),
                user.Ha1Sha256 is null ? null : Convert.FromHexString(user.Ha1Sha256.Value));
        }
        byte[] password = Encoding.UTF8.GetBytes(user.Password.Value);
        return new UserSecret(
            name, domain, Hash(DigestAlgorithm.Md5, name, domain, password),
            Hash(DigestAlgorithm.Sha256, name, domain, password));
    }

    private static byte[] Hash(DigestAlgorithm algorithm, byte[] name, byte[] domain, byte[] password)
    {
        byte[] hash = new byte[algorithm.Bytes()];
        Digest.TryHashUser(algorithm, name, domain, password, hash);
        return hash;
    }

    private static byte[] Lower(string domain) => Encoding.ASCII.GetBytes(domain.ToLowerInvariant());
}
