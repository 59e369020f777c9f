using Savepoint.Client;
using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>A hero on a game server, for as long as its session lasts: what happens to it goes into the book.</summary>
internal sealed class HeroVisit
{
    private readonly GameServer _server;
    private readonly Profile<Hero> _profile;

    // Taken under the profile's lock at times, and never the other way round.
    private readonly Lock _gate = new();
    private readonly List<GameChange> _open = [];
    private long _silver;
    private long _silverSettled;

    public HeroVisit(GameServer server, EntityKey key, Profile<Hero> profile)
    {
        (_server, Key, _profile) = (server, key, profile);
        _server.Enter(key, profile.SessionNumber);
        var (version, document) = Moment.Of(() => profile.Version, profile.Copy);
        _server.Show(key, version, document);
        profile.ChangeRefused += OnRefused;
        profile.SessionEnded += OnEnded;
        profile.Saved += saved => _server.RequireCommitted(key, saved);
        profile.MessageHandler = message => profile.Data.Gifts += message.Body.Get("gifts").AsInt64();
    }

    public EntityKey Key { get; }

    public bool IsActive => _profile.IsActive;

    /// <summary>Whether its copy was ever other than the server's.</summary>
    public int ChecksumMismatches => _profile.ChecksumMismatches;

    /// <summary>Changes gold, for a reason that the journal is asked for later.</summary>
    public void DoDeed(long gold)
    {
        var change = _server.Book.Make(GameChangeKind.Deed, _profile.SessionNumber, (Key, gold));
        try
        {
            _profile.Change(
                hero =>
                {
                    if (gold < 0)
                        hero.AddGold(gold, min: 0);
                    else
                        hero.Gold += gold;
                    hero.Deeds++;
                    Add(change);
                },
                change.Name);
        }
        catch (SavepointException refusal)
        {
            _server.Note($"can't make {change}: {refusal.Code}");
            Remove(change);
            _server.Book.Refuse(change);
        }
    }

    /// <summary>Grants a purchase, unless that was done before, and waits until it is durable.</summary>
    public async Task BuyAsync(string purchase, long gold)
    {
        var change = _server.Book.Make(GameChangeKind.Deed, _profile.SessionNumber, (Key, gold));
        _server.Book.Sell(Key, purchase, change);
        var isMade = false;
        try
        {
            var options = new PurchaseOptions { Reason = change.Name };
            if (await _profile.PurchaseAsync(purchase, Grant, options) == PurchaseResult.Granted)
                Settle([change], silver: 0);
            else
                _server.Book.RequireSold(Key, purchase);
        }
        catch (SavepointException failure)
        {
            _server.Judge($"purchase {purchase}", failure);
        }

        if (!isMade)
            _server.Book.Refuse(change);

        void Grant(Hero hero)
        {
            hero.Gold += gold;
            hero.Deeds++;
            Add(change);
            isMade = true;
        }
    }

    /// <summary>Changes silver in passing.</summary>
    public void FindSilver(long amount)
    {
        try
        {
            _profile.Data.Silver += amount;
        }
        catch (SavepointException refusal)
        {
            _server.Note($"can't add silver to {Key}: {refusal.Code}");
            return;
        }

        _server.Book.MakeSilver(Key, amount);
        lock (_gate)
            _silver += amount;
    }

    /// <summary>Saves: all that was made before is durable afterwards.</summary>
    public async Task SaveAsync()
    {
        var (made, silver) = Made();
        try
        {
            var version = await _profile.SaveAsync();
            _server.RequireCommitted(Key, version);
            Settle(made, silver);
        }
        catch (SavepointException failure)
        {
            _server.Judge("save", failure);
        }
    }

    /// <summary>Ends the session: all that was made is durable afterwards.</summary>
    public async Task EndAsync()
    {
        try
        {
            await _profile.EndSessionAsync();
            SettleAll();
        }
        catch (SavepointException failure)
        {
            _server.Judge("end", failure);
        }
    }

    private void OnRefused(ChangeRefusal refusal)
    {
        _server.Note($"lost {refusal.Reason} of {Key}: {refusal.Error.Code}");
        if (_server.Book.Find(refusal.Reason) is not { } change)
        {
            // Silver, of which nobody can say now how much.
            lock (_gate)
                _silverSettled = _silver;
            return;
        }

        Remove(change);
        change.WasTakenBack = true;
        if (refusal.Error.Outcome == RequestOutcome.Unknown)
            _server.Book.Forget(change);
        else
            _server.Book.Refuse(change);
    }

    private void OnEnded(SessionEndedInfo ended)
    {
        _server.Note($"session {_profile.SessionNumber} of {Key} is over: {ended}");
        if (!ended.HadUnsavedChanges)
        {
            SettleAll();
            return;
        }

        GameChange[] lost;
        lock (_gate)
        {
            lost = [.. _open];
            _open.Clear();
            _silverSettled = _silver;
        }

        foreach (var change in lost)
            _server.Book.Forget(change);
    }

    private void SettleAll()
    {
        var (made, silver) = Made();
        Settle(made, silver);
    }

    private void Settle(GameChange[] made, long silver)
    {
        foreach (var change in made)
        {
            if (Remove(change))
                _server.Book.Acknowledge(change);
        }

        long settled;
        lock (_gate)
        {
            settled = Math.Max(0, silver - _silverSettled);
            _silverSettled += settled;
        }

        _server.Book.AcknowledgeSilver(Key, settled);
    }

    private (GameChange[] Changes, long Silver) Made()
    {
        lock (_gate)
            return (_open.ToArray(), _silver);
    }

    private void Add(GameChange change)
    {
        lock (_gate)
            _open.Add(change);
    }

    private bool Remove(GameChange change)
    {
        lock (_gate)
            return _open.Remove(change);
    }
}
