namespace Savepoint.Client.Tests;

public static class Sessions
{
    /// <summary>Opens a session that nobody else holds.</summary>
    public static async Task<Profile<PlayerProfile>> OpenAsync(this SavepointClient client, string id = "ada") =>
        (await client.Store<PlayerProfile>("profile").OpenSessionAsync(id)).ProfileOrThrow();
}
