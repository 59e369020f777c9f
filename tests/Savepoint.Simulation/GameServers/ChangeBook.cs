using Savepoint.Engine;
using Savepoint.Engine.Journal;

namespace Savepoint.Simulation;

/// <summary>
/// What game servers have made and what the SDK has told them of it, held against the journal: what was acknowledged is there by then, once and whole; what
/// was refused never is (I2, I4, I5, I8). Game servers write it as things happen to them, so that it outlives their crashes.
/// </summary>
internal sealed class ChangeBook(DatabaseSet databases) : Checker
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, GameChange> _changes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Purse> _purses = new(StringComparer.Ordinal);
    private readonly HashSet<(EntityKey Key, long Session)> _sessions = [];
    private readonly Dictionary<(EntityKey Key, string Purchase), List<GameChange>> _purchases = [];
    private int _batches;

    /// <summary>Whether all game servers are through.</summary>
    public bool IsClosed { get; private set; }

    public void Close() => IsClosed = true;

    /// <summary>Enters a change before it is made.</summary>
    public GameChange Make(GameChangeKind kind, long session, params (EntityKey Key, long Amount)[] parts)
    {
        lock (_gate)
        {
            var isSpread = Array.Exists(parts, part => !databases.CommitTogether(parts[0].Key, part.Key));
            var change = new GameChange($"sdk-{_changes.Count + 1}", kind, session, parts) { IsSpread = isSpread };
            _changes.Add(change.Name, change);
            return change;
        }
    }

    /// <summary>The name of a batch, which the journal has as the reason of all its parts.</summary>
    public string NewBatch()
    {
        lock (_gate)
            return $"batch-{++_batches}";
    }

    /// <summary>Enters a part of a batch, one for each entity, before it is made.</summary>
    public GameChange MakePart(string batch, GameChangeKind kind, EntityKey key, long amount)
    {
        lock (_gate)
        {
            var change = new GameChange(NameOfPart(batch, key), kind, 0, [(key, amount)]);
            _changes.Add(change.Name, change);
            return change;
        }
    }

    /// <summary>The change grants a purchase, which others may grant too: only one of them may take effect.</summary>
    public void Sell(EntityKey key, string purchase, GameChange change)
    {
        lock (_gate)
        {
            if (!_purchases.TryGetValue((key, purchase), out var changes))
                _purchases.Add((key, purchase), changes = []);
            changes.Add(change);
        }
    }

    /// <summary>The purchase was granted by an earlier change, as a game server was told.</summary>
    public void RequireSold(EntityKey key, string purchase)
    {
        lock (_gate)
            Require(_purchases[(key, purchase)].Exists(change => change.IsCommitted), "I2", $"purchase {purchase} of {key} was granted before, as was told, and is not in the journal");
    }

    public GameChange? Find(string name)
    {
        lock (_gate)
            return _changes.GetValueOrDefault(name);
    }

    /// <summary>The change is durable, as its maker was told. What was refused before stays so.</summary>
    public void Acknowledge(GameChange change)
    {
        lock (_gate)
        {
            if (change.State != GameChangeState.Made)
                return;
            change.State = GameChangeState.Acknowledged;
            Require(change.IsWhole || IsDecided(change), "I2", $"{change} was acknowledged and is not in the journal");
        }
    }

    /// <summary>The change had no effect, as its maker was told.</summary>
    public void Refuse(GameChange change)
    {
        lock (_gate)
        {
            Require(!change.IsCommitted, "I4", $"{change} was refused, and is in commit {change.Commit}");
            Require(change.State == GameChangeState.Made, "I4", $"{change} was refused after it was {change.State}");
            change.State = GameChangeState.Refused;
        }
    }

    /// <summary>Nobody knows of the change, as its maker was told.</summary>
    public void Forget(GameChange change)
    {
        lock (_gate)
        {
            if (change.State == GameChangeState.Made)
                change.State = GameChangeState.Unknown;
        }
    }

    /// <summary>Silver was made, and may or may not become durable.</summary>
    public void MakeSilver(EntityKey key, long amount)
    {
        lock (_gate)
            PurseOf(key).Made += amount;
    }

    /// <summary>Some of the silver that was made is durable.</summary>
    public void AcknowledgeSilver(EntityKey key, long amount)
    {
        lock (_gate)
            PurseOf(key).Acknowledged += amount;
    }

    /// <summary>A session was opened, as its holder was told.</summary>
    public void Open(EntityKey key, long session)
    {
        lock (_gate)
        {
            Require(_sessions.Add((key, session)), "I5", $"session {session} of {key} was given twice");
            var isCommitted = Ledger.Find(key)?.Sessions.Any(known => known.Number == session && known.IsActive) == true;
            Require(isCommitted, "I2", $"session {session} of {key} was given before it was committed");
        }
    }

    public override void OnCommitted(Commit commit)
    {
        lock (_gate)
        {
            foreach (var record in commit.Records)
            {
                if (record.Entity is not { } entity)
                    continue;
                if (!_changes.TryGetValue(record.Reason, out var change) && !_changes.TryGetValue(NameOfPart(record.Reason, entity.Key), out change))
                    continue;
                Check(commit, record, entity.Key, change);
                Require(!change.IsSpread || change.IsWhole || IsDecided(change), "I8", $"{change} is in commit {commit.Number} by half, and the rest is not decided");
            }
        }
    }

    /// <summary>The end: all that is in the documents is there because of what was committed.</summary>
    public void Check(Ledger ledger)
    {
        lock (_gate)
        {
            foreach (var change in _changes.Values)
            {
                Require(change.IsWhole || !change.IsCommitted, "I8", $"{change} is half in the journal");
                Require(change.State != GameChangeState.Acknowledged || change.IsWhole, "I7", $"{change} was acknowledged and is lost");
            }

            foreach (var ((key, purchase), changes) in _purchases)
                Require(changes.Count(change => change.IsCommitted) <= 1, "I4", $"purchase {purchase} of {key} was granted twice");
            foreach (var entity in ledger.Entities.Where(entity => entity.Key.Kind == "hero"))
                Check(entity, entity.Document!.Root);
        }
    }

    private void Check(Commit commit, CommittedRecord record, EntityKey key, GameChange change)
    {
        Require(change.TryCommit(key, commit.Number), "I4", $"{change} is in commit {commit.Number}, having been in {change.Commit}");
        Require(change.State != GameChangeState.Refused, "I4", $"{change} is in commit {commit.Number} after it was refused");
        if (record.Type != RecordType.Changed || change.Session == 0)
            return;
        var session = record.SessionBefore;
        Require(
            session.IsActive && session.Number == change.Session, "I5",
            $"{change} is in commit {commit.Number} while session {session.Number} was the present one (active: {session.IsActive})");
    }

    private void Check(LedgerEntity hero, Documents.MapValue values)
    {
        var key = hero.Key;
        var committed = _changes.Values.Where(change => change.IsCommitted).ToList();
        var gold = committed.Where(change => change.Kind != GameChangeKind.Gift).Sum(change => SumOf(change, key));
        Require(Number("gold") == gold, "I4", $"{key} has {Number("gold")} gold; {gold} was committed");
        Require(hero.WaitingMessages.Count == 0, "progress", $"{key} has {hero.WaitingMessages.Count} messages that nobody handled");
        var gifts = committed.Where(change => change.Kind == GameChangeKind.Gift).Sum(change => SumOf(change, key));
        Require(Number("gifts") == gifts, "I4", $"{key} got {Number("gifts")} by messages; {gifts} was sent");
        var (silver, purse) = (Number("silver"), PurseOf(key));
        Require(
            silver >= purse.Acknowledged && silver <= purse.Made, "I7",
            $"{key} has {silver} silver; {purse.Acknowledged} was acknowledged, and {purse.Made} made");
        CheckDeeds(key, Number("deeds"));

        // A transfer to a hero that nobody has played yet makes a document of its gold alone.
        long Number(string name) => values.TryGet(name, out var value) ? value.AsInt64() : 0;
    }

    // Others were counted on top of one that was taken back, as long as it showed.
    private void CheckDeeds(EntityKey key, long counted)
    {
        var deeds = _changes.Values.Where(change => change.Kind == GameChangeKind.Deed && change.Parts[0].Key == key).ToList();
        var committed = deeds.Count(change => change.IsCommitted);
        var takenBack = deeds.Count(change => change.WasTakenBack);
        Require(Math.Abs(counted - committed) <= takenBack, "I5", $"{key} has counted {counted} deeds; {committed} were committed, and {takenBack} taken back");
    }

    /// <summary>Whether what is not in the journal of a change will be: it is over two databases, and decided.</summary>
    private bool IsDecided(GameChange change) =>
        change is { IsSpread: true, IsCommitted: true } && change.Missing.All(key => Ledger.Units.IsDecided(key, change.Name));

    private static string NameOfPart(string batch, EntityKey key) => $"{batch} for {key}";

    private static long SumOf(GameChange change, EntityKey key) => change.Parts.Where(part => part.Key == key).Sum(part => part.Amount);

    private Purse PurseOf(EntityKey key)
    {
        if (!_purses.TryGetValue(key.ToString(), out var purse))
            _purses.Add(key.ToString(), purse = new Purse());
        return purse;
    }

    private sealed class Purse
    {
        public long Made { get; set; }

        public long Acknowledged { get; set; }
    }
}
