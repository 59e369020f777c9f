using Savepoint.Documents;

namespace Savepoint.GameTests;

/// <summary>The game server under test: it knows the SDK and a clock, and nothing of the simulation.</summary>
public sealed class Arena(SavepointClient client, TimeProvider time)
{
    public const long SwordPrice = 80;

    private static readonly TimeSpan RageLasts = TimeSpan.FromMinutes(5);

    private readonly Store<Hero> _heroes = client.Store<Hero>("profile");

    /// <summary>Lets a player in; waits until the server that the player comes from has saved.</summary>
    public async Task<Profile<Hero>> EnterAsync(string player)
    {
        var hero = (await _heroes.OpenSessionAsync(player)).ProfileOrThrow();
        hero.MessageHandler = gift => hero.Data.Gold += gift.Body.Get("gold").AsInt64();
        return hero;
    }

    /// <summary>Sells a sword. Returns when the purchase is durable, so the player may be told.</summary>
    public static async Task BuySwordAsync(Profile<Hero> hero)
    {
        hero.Change(
            data =>
            {
                data.AddGold(-SwordPrice, min: 0);
                data.Inventory.Increment("sword", 1);
            },
            "shop:sword");
        await hero.SaveAsync();
    }

    /// <summary>Sends gold to a player, who gets it now or at the next visit.</summary>
    public Task GiftAsync(string player, long gold) =>
        _heroes.SendMessageAsync(player, new Document(new MapBuilder { ["gold"] = gold }.Build()));

    public void Rage(Profile<Hero> hero) => hero.Data.RageEnds = time.GetUtcNow() + RageLasts;

    public int Damage(Profile<Hero> hero) => time.GetUtcNow() < hero.Data.RageEnds ? 20 : 10;
}
