namespace Savepoint.Server.Configuration;

/// <summary>Collects the game servers' secrets from all places where they may be configured.</summary>
internal static class GameServerSecretSource
{
    public static IReadOnlyList<string> Read(SavepointOptions options)
    {
        var secrets = new List<string>(options.GameServerSecrets);
        if (options.GameServerSecret is { Length: > 0 } secret)
            secrets.Add(secret);
        if (options.GameServerSecretsFile is { } file)
            secrets.AddRange(File.ReadLines(file).Select(line => line.Trim()).Where(line => line.Length > 0));
        return secrets;
    }
}
