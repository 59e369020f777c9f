using Savepoint.Engine;
using Savepoint.Engine.Journal;
using Savepoint.Engine.Spanning;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>
/// I8 of units over shards that no single commit covers, as the journals tell it: what is decided was prepared by all, and is carried out by all exactly so;
/// what was said to be aborted is never decided; nothing else happens to an entity between its prepare and its end.
/// </summary>
internal sealed class LedgerUnits(Verdict verdict)
{
    private readonly Dictionary<(Guid Id, int Shard), Prepare> _open = [];
    private readonly Dictionary<EntityKey, Prepare> _held = [];
    private readonly Dictionary<Guid, Decision> _decided = [];
    private readonly Dictionary<(EntityKey Key, long Version), Guid> _promised = [];
    private readonly HashSet<Guid> _aborted = [];

    /// <summary>How many there were.</summary>
    public int Decided => _decided.Count;

    /// <summary>How many attempts were said to be aborted.</summary>
    public int Aborted => _aborted.Count;

    /// <summary>Parts that are prepared and have not ended.</summary>
    public int Open => _open.Count;

    /// <summary>What was decided and is not carried out.</summary>
    public IEnumerable<(EntityKey Key, long Version)> Promised => _promised.Keys;

    /// <summary>Whether a version, or a message of a number, was decided, and is not carried out yet.</summary>
    public bool IsPromised(in EntityKey key, long version) => _promised.ContainsKey((key, version));

    /// <summary>Whether a change that was made for a reason is decided, and its entity still held for it.</summary>
    public bool IsDecided(in EntityKey key, string reason) =>
        _held.TryGetValue(key, out var prepare) && prepare.Part.Reason == reason && _decided.ContainsKey(prepare.Id);

    /// <summary>Takes up a record that is a shard's.</summary>
    public void Take(Ledger ledger, int shard, in RecordView record)
    {
        var cursor = new ByteCursor(record.Payload);
        switch (record.Type)
        {
            case RecordType.UnitPrepared:
                Prepared(ledger, shard, Prepare.Read(ref cursor, record.Sequence));
                break;
            case RecordType.PrepareEnded:
                Ended(shard, cursor.Guid());
                break;
            case RecordType.UnitDecided:
                Decide(Decision.Read(ref cursor, record.Sequence));
                break;
            case RecordType.DecisionEnded:
                var ended = cursor.Guid();
                Require(!_promised.ContainsValue(ended), $"unit {ended} was forgotten before all of it was carried out");
                break;
            case RecordType.UnitAborted:
                var aborted = cursor.Guid();
                Require(!_promised.ContainsValue(aborted), $"unit {aborted} was said to be aborted, and is decided");
                _aborted.Add(aborted);
                break;
        }
    }

    /// <summary>Looks at a record of an entity, which nobody may change but as it was decided while it is held.</summary>
    public void CheckChange(int shard, in EntityKey key, in RecordView record)
    {
        if (!_held.TryGetValue(key, out var prepare))
            return;
        Require(_decided.ContainsKey(prepare.Id), $"{key} of shard {shard} has a record of the type {record.Type} while unit {prepare.Id} holds it");
        if (record.Type is not (RecordType.Changed or RecordType.Removed))
        {
            if (record.Type == RecordType.MessageAdded)
                _promised.Remove((key, (long)new ByteCursor(record.Payload).Varint()));
            return;
        }

        var wanted = key;
        var index = Array.FindIndex(prepare.Part.Mutations, mutation => mutation.Kind is not (MutationKind.Message or MutationKind.EndSession) && mutation.Key == wanted);
        var kept = index < 0 ? default : prepare.Kept[index];
        Require(
            index >= 0 && kept.Version == record.Version && record.Payload.SequenceEqual(kept.Removes ? [] : kept.Delta),
            $"version {record.Version} of {key} is not what unit {prepare.Id} has prepared");
        _promised.Remove((key, record.Version));
    }

    private void Prepared(Ledger ledger, int shard, Prepare prepare)
    {
        Require(_open.TryAdd((prepare.Id, shard), prepare), $"unit {prepare.Id} was prepared twice in shard {shard}");
        for (var i = 0; i < prepare.Kept.Length; i++)
        {
            ref readonly var mutation = ref prepare.Part.Mutations[i];
            var isSame = _held.TryAdd(mutation.Key, prepare) || _held[mutation.Key] == prepare;
            Require(isSame, $"{mutation.Key} was prepared for {prepare.Id} while {_held[mutation.Key].Id} holds it");
            if (mutation.Kind is not (MutationKind.Message or MutationKind.EndSession))
                Require(prepare.Kept[i].Version == (ledger.Find(mutation.Key)?.Version ?? 0) + 1, $"{mutation.Key} was prepared for version {prepare.Kept[i].Version}");
        }
    }

    private void Ended(int shard, Guid id)
    {
        if (!_open.Remove((id, shard), out var prepare))
            return;
        for (var i = 0; i < prepare.Kept.Length; i++)
        {
            var key = prepare.Part.Mutations[i].Key;
            _held.Remove(key);
            Require(!_promised.TryGetValue((key, prepare.Kept[i].Version), out var by) || by != id, $"unit {id} is decided, and its change of {key} was forgotten");
        }
    }

    private void Decide(Decision decision)
    {
        Require(!_aborted.Contains(decision.Id), $"unit {decision.Id} was decided after it was said to be aborted");
        Require(_decided.TryAdd(decision.Id, decision), $"unit {decision.Id} was decided twice");
        foreach (var (shard, versions) in decision.Parts)
        {
            if (!_open.TryGetValue((decision.Id, shard), out var prepare) || !prepare.Versions.AsSpan().SequenceEqual(versions))
            {
                verdict.Fail("I8", $"unit {decision.Id} was decided without its part in shard {shard}");
                continue;
            }

            for (var i = 0; i < versions.Length; i++)
            {
                if (prepare.Part.Mutations[i].Kind != MutationKind.EndSession)
                    _promised.Add((prepare.Part.Mutations[i].Key, versions[i]), decision.Id);
            }
        }
    }

    private void Require(bool isRight, string violation)
    {
        if (!isRight)
            verdict.Fail("I8", violation);
    }
}
