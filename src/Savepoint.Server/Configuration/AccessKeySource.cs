using Savepoint.Server.Development;
using Savepoint.Streams.Authentication;

namespace Savepoint.Server.Configuration;

/// <summary>Collects all keys from the places where they may be configured.</summary>
internal static class AccessKeySource
{
    private const int MaxLevel = 1_000_000;

    public static IEnumerable<(string Secret, AccessKey Key)> Read(SavepointOptions options, DevelopmentKeys? development)
    {
        foreach (var secret in GameServerSecretSource.Read(options))
            yield return (secret, new AccessKey(PrincipalRole.GameServer));
        foreach (var key in options.Access.Keys)
            yield return (SecretOf(key)!, new AccessKey(key.Role!.Value) { Name = key.Name, Level = key.Level });
        if (development is null)
            yield break;
        yield return (development.GameServerSecret, new AccessKey(PrincipalRole.GameServer));
        yield return (development.AdminSecret, new AccessKey(PrincipalRole.Admin) { Name = "dev" });
    }

    /// <summary>Finds everything that is wrong with the keys. No message shows a secret.</summary>
    /// <param name="options">All settings: a secret means one thing only.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static void Validate(SavepointOptions options, List<string> errors)
    {
        var secrets = new HashSet<string>(options.GameServerSecretsFile is { } file && !File.Exists(file) ? [] : GameServerSecretSource.Read(options), StringComparer.Ordinal);
        for (var i = 0; i < options.Access.Keys.Count; i++)
        {
            var place = $"{SavepointOptions.Section}:Access:Keys:{i}";
            errors.AddRange(Faults(options.Access.Keys[i], secrets).Select(fault => $"{place}:{fault}"));
        }
    }

    private static IEnumerable<string> Faults(AccessKeyOptions key, HashSet<string> secrets)
    {
        if (key.Role is null)
            yield return "Role: is missing: GameServer, Service, Support or Admin.";
        else if (!Enum.IsDefined(key.Role.Value) || key.Role == PrincipalRole.Player)
            yield return "Role: is GameServer, Service, Support or Admin; players have tokens.";
        if (key.Level is < 0 or > MaxLevel)
            yield return $"Level: is 0 to {MaxLevel}, not {key.Level}.";
        if (key.Name is not null && !AccessKey.IsName(key.Name))
            yield return "Name: has 1 to 64 characters, none of which is a control character.";
        if (key.Secret is not null && key.SecretFile is not null)
            yield return "Secret: and SecretFile exclude each other: remove one of them.";
        else if (key.SecretFile is not null && !File.Exists(key.SecretFile))
            yield return $"SecretFile: there is no file '{key.SecretFile}'.";
        else if (SecretOf(key) is not { } secret)
            yield return "Secret: is missing: set it, or SecretFile.";
        else if (secret.Length < AccessKeys.MinLength)
            yield return $"Secret: a secret has at least {AccessKeys.MinLength} characters.";
        else if (!secrets.Add(secret))
            yield return "Secret: is used twice: a secret stands for one role.";
    }

    private static string? SecretOf(AccessKeyOptions key) => key.SecretFile is { } file ? File.ReadAllText(file).Trim() : key.Secret;
}
