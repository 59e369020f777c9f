using System.Net;
using Savepoint.Server.Tests.Profiles;

namespace Savepoint.Server.Tests.Characters;

/// <summary>A server in memory for all tests of a class; each has users of its own.</summary>
public sealed class CharacterServer : IAsyncLifetime
{
    /// <summary>A dwarf whose numbers all follow from the SRD: 15, 13, 14, 8, 12, 10 bought, with +2 Constitution and +1 Wisdom.</summary>
    public const string Bruenor = """
        {"name":"Bruenor","race":"dwarf","subrace":"hill-dwarf","class":"fighter","abilities":{"method":"pointBuy",
        "scores":{"strength":15,"dexterity":13,"constitution":14,"intelligence":8,"wisdom":12,"charisma":10}}}
        """;

    private static int s_users;

    public RunningServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await ProfileApi.StartAsync("--dev");

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Somebody who was never here.</summary>
    public static string NewUser() => $"user-{Interlocked.Increment(ref s_users)}";

    internal async Task<ProfileApi> PlayerAsync(string? user = null) => ProfileApi.Of(Server, await Server.DevelopmentTokenAsync(user ?? NewUser()));

    /// <summary>A player with one character, and where that is: <c>characters/…</c>.</summary>
    internal async Task<(ProfileApi Player, string Path)> WithBruenorAsync(string? user = null)
    {
        var player = await PlayerAsync(user);
        return (player, await CreateAsync(player));
    }

    internal static async Task<string> CreateAsync(ProfileApi player, string wish = Bruenor)
    {
        var made = await player.PostAsync("characters", wish);
        made.Status.ShouldBe(HttpStatusCode.Created, made.Text);
        return $"characters/{made.Body["id"]!.GetValue<string>()}";
    }
}
