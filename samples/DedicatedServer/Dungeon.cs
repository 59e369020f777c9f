using System.Collections.Concurrent;
using Savepoint.Client;
using Savepoint.Documents;

namespace DedicatedServer;

/// <summary>A game server: who plays here, and what they do. It knows the SDK and nothing of where it runs.</summary>
public sealed class Dungeon
{
    private readonly SavepointClient _savepoint;
    private readonly Store<Hero> _heroes;
    private readonly ConcurrentDictionary<string, Profile<Hero>> _playing = new ConcurrentDictionary<string, Profile<Hero>>(StringComparer.Ordinal);

    public Dungeon(SavepointClient savepoint)
    {
        _savepoint = savepoint;
        _heroes = savepoint.Store<Hero>(Hero.Kind);
    }

    /// <summary>Raised when a player has to go although nobody asked for it: its hero is played elsewhere, or the server has lost it.</summary>
    public event Action<string, SessionEndReason>? Kicked;

    /// <summary>Raised when a player has got gold from another.</summary>
    public event Action<string, long>? GiftArrived;

    public IEnumerable<string> Players => _playing.Keys.OrderBy(player => player, StringComparer.Ordinal);

    public Hero HeroOf(string player) => Get(player).Data;

    /// <summary>
    /// Lets a player in. If another server still has its hero, that one is asked to save and to let go of it, which takes milliseconds.
    /// </summary>
    /// <param name="player">The player.</param>
    /// <param name="left">Cancelled when the player goes away meanwhile: the session is released then.</param>
    public async Task<Hero> JoinAsync(string player, CancellationToken left = default)
    {
        var hero = (await _heroes.OpenSessionAsync(player, cancellationToken: left)).ProfileOrThrow();
        await TagAsync(player, hero, left);
        hero.Reconcile(); // What was added to Hero since this one was made.
        hero.MessageHandler = gift => Take(player, hero, gift.Body.Get("gold").AsInt64());
        hero.SessionEnded += ended => Remove(player, hero, ended.Reason);
        hero.Data.Visits += 1; // Saved within a second, with whatever else changes until then.
        _playing[player] = hero;
        if (!hero.IsActive)
            Remove(player, hero, SessionEndReason.Stolen); // Over before it was listened to.
        return hero.Data;
    }

    /// <summary>Lets a player go: the last save, then the hero is free for the next server.</summary>
    public async Task LeaveAsync(string player)
    {
        if (_playing.TryRemove(player, out var hero))
            await hero.EndSessionAsync();
    }

    /// <summary>Sells an item for gold.</summary>
    /// <returns>Whether the hero could pay. It is durable by then.</returns>
    public async Task<bool> SellAsync(string player, string item, long price)
    {
        if (price <= 0)
            throw new ArgumentOutOfRangeException(nameof(price), "A price is positive.");
        var hero = Get(player);
        try
        {
            hero.Change(
                data =>
                {
                    data.AddGold(-price, min: 0);
                    data.Items.Increment(item, 1);
                },
                $"shop:{item}");
        }
        catch (SavepointException refused) when (refused.Code == "document.out_of_bounds")
        {
            return false;
        }

        await hero.SaveAsync();
        return true;
    }

    /// <summary>
    /// Grants what was paid for with money, once, however often the payment provider calls. When it returns, the provider may be told that the order is done.
    /// </summary>
    public Task<PurchaseResult> DeliverAsync(string player, string order, long gold) =>
        Get(player).PurchaseAsync(order, data => data.Gold += gold);

    /// <summary>Sends gold to another player, who gets it now, on whatever server, or at the next visit.</summary>
    public Task GiftAsync(string from, string to, long gold)
    {
        if (gold <= 0)
            throw new ArgumentOutOfRangeException(nameof(gold), "A gift is positive.");
        _ = Get(from);
        return _savepoint.TransactAsync(
            gift => gift
                .Change(Hero.Kind, from, hero => hero.Increment("gold", -gold, min: 0))
                .Message(Hero.Kind, to, new Document(new MapBuilder { ["gold"] = gold }.Build())),
            "gift");
    }

    /// <summary>Trades an item for gold: all of it or nothing, and durable when it returns.</summary>
    public Task TradeAsync(string seller, string buyer, string item, long price)
    {
        if (price < 0)
            throw new ArgumentOutOfRangeException(nameof(price), "A price is not negative.");
        _ = (Get(seller), Get(buyer));
        var path = Savepoint.Documents.Path.Parse("items").Child(item);
        return _savepoint.TransactAsync(
            trade => trade
                .Change(Hero.Kind, seller, hero =>
                {
                    hero.Increment(path, -1, min: 0);
                    hero.Increment("gold", price);
                })
                .Change(Hero.Kind, buyer, hero =>
                {
                    hero.Increment(path, 1);
                    hero.Increment("gold", -price, min: 0);
                }),
            $"trade:{item}");
    }

    /// <summary>Ends the game: every hero is saved, again and again until that is durable, and let go of.</summary>
    public Task ShutdownAsync() => _savepoint.ShutdownAsync();

    private Profile<Hero> Get(string player) =>
        _playing.TryGetValue(player, out var hero) ? hero : throw new InvalidOperationException($"{player} does not play here.");

    /// <summary>Whose data the hero is, so that they are exported and erased with all others of the player. Once for each hero.</summary>
    private static async Task TagAsync(string player, Profile<Hero> hero, CancellationToken left)
    {
        if (hero.UserIds.Contains(player))
            return;
        try
        {
            await hero.AddUserIdAsync(player, left);
        }
        catch
        {
            await hero.EndSessionAsync(CancellationToken.None); // Nobody plays it: the next server need not ask for it.
            throw;
        }
    }

    private void Take(string player, Profile<Hero> hero, long gold)
    {
        hero.Data.Gold += gold;
        GiftArrived?.Invoke(player, gold);
    }

    private void Remove(string player, Profile<Hero> hero, SessionEndReason reason)
    {
        // Who left, or came back meanwhile, is not kicked.
        if (((ICollection<KeyValuePair<string, Profile<Hero>>>)_playing).Remove(new KeyValuePair<string, Profile<Hero>>(player, hero)))
            Kicked?.Invoke(player, reason);
    }
}
