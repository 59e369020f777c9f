using Savepoint.Client;
using Savepoint.Engine;

namespace Savepoint.Simulation;

/// <summary>A hero on a game server, for as long as its session lasts: what happens to it goes into the book.</summary>
internal sealed class HeroVisit
{
    private readonly GameServer _server;
    private readonly Profile<Hero> _profile;
    private readonly List<GameChange> _open = [];
    private long _silver;
    private long _silverSettled;

    public HeroVisit(GameServer server, EntityKey key, Profile<Hero> profile)
    {
        (_server, Key, _profile) = (server, key, profile);
        _server.Book.Open(key, profile.SessionNumber);
        _server.Show(key, profile.Version, profile.Copy());
        profile.ChangeRefused += OnRefused;
        profile.SessionEnded += OnEnded;
        profile.Saved += version => _server.RequireCommitted(key, version);
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
        _open.Add(change);
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
                },
                change.Name);
        }
        catch (SavepointException refusal)
        {
            _server.Note($"can't make {change}: {refusal.Code}");
            _open.Remove(change);
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
            await _profile.PurchaseAsync(purchase, Grant, options);
            if (isMade)
                Settle([change], _silverSettled);
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
            _open.Add(change);
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

        _silver += amount;
        _server.Book.MakeSilver(Key, amount);
    }

    /// <summary>Saves: all that was made before is durable afterwards.</summary>
    public async Task SaveAsync()
    {
        var (made, silver) = (_open.ToArray(), _silver);
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
            Settle(_open.ToArray(), _silver);
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
            _silverSettled = _silver;
            return;
        }

        _open.Remove(change);
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
            Settle(_open.ToArray(), _silver);
            return;
        }

        foreach (var change in _open)
            _server.Book.Forget(change);
        _open.Clear();
        _silverSettled = _silver;
    }

    private void Settle(GameChange[] made, long silver)
    {
        foreach (var change in made)
        {
            if (_open.Remove(change))
                _server.Book.Acknowledge(change);
        }

        if (silver <= _silverSettled)
            return;
        _server.Book.AcknowledgeSilver(Key, silver - _silverSettled);
        _silverSettled = silver;
    }
}
