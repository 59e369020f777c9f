using Savepoint.Engine.Databases;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Spanning;

/// <summary>
/// The entities of a shard that a prepared part holds, and who waits for them: nobody may see or change what a decision elsewhere is about to change. Those
/// who wait get their turns one by one, in the order in which they came, and who comes meanwhile stands behind them: a change under a session must not be
/// overtaken by the end of that session. Guarded by the shard's lock, but for <see cref="Drain"/>.
/// </summary>
internal sealed class HeldEntities(EngineContext context, DatabaseCounters counters)
{
    private readonly Dictionary<EntityKey, Held> _held = new(context.KeyComparer);

    /// <summary>Whether someone has to wait for an entity.</summary>
    public bool IsClosedTo(in EntityKey key, object who) =>
        _held.Count > 0 && _held.TryGetValue(key, out var held) && (held.Holder is not null || !IsTurnOf(held, who));

    /// <summary>The entities that someone would have to wait for.</summary>
    public IEnumerable<EntityKey> ClosedTo(object who) => _held.Where(held => held.Value.Holder is not null || !IsTurnOf(held.Value, who)).Select(held => held.Key);

    /// <summary>Whether a part holds an entity.</summary>
    public bool IsHeld(in EntityKey key) => _held.Count > 0 && _held.TryGetValue(key, out var held) && held.Holder is not null;

    /// <summary>Lets someone wait for an entity that is closed to it.</summary>
    public void Wait(in EntityKey key, object who)
    {
        counters.AddWaitingForLoad(1);
        _held[key].Waiting.AddLast((who, context.Now + context.Options.HoldWait.Ticks));
    }

    /// <summary>Withdraws someone who waits.</summary>
    public void Withdraw(in EntityKey key, object who)
    {
        if (!_held.TryGetValue(key, out var held))
            return;
        for (var node = held.Waiting.First; node is not null; node = node.Next)
        {
            if (!ReferenceEquals(node.Value.Who, who))
                continue;
            held.Waiting.Remove(node);
            counters.AddWaitingForLoad(-1);
            return;
        }
    }

    public void Hold(Prepare prepare)
    {
        foreach (ref readonly var mutation in prepare.Part.Mutations.AsSpan())
        {
            if (!_held.TryGetValue(mutation.Key, out var held))
                _held.Add(mutation.Key, held = new Held());
            held.Holder = prepare;
        }
    }

    /// <summary>Lets go of what a part holds; <see cref="Drain"/> is to follow, outside the lock.</summary>
    public void Release(Prepare prepare)
    {
        foreach (ref readonly var mutation in prepare.Part.Mutations.AsSpan())
        {
            if (_held.TryGetValue(mutation.Key, out var held) && held.Holder == prepare)
                held.Holder = null;
        }
    }

    /// <summary>Gives their turns to those who wait for what a part has let go of. Under no lock.</summary>
    public void Drain(Shard shard, Prepare released)
    {
        foreach (var mutation in released.Part.Mutations)
        {
            Held? held;
            lock (shard.Gate)
            {
                if (!_held.TryGetValue(mutation.Key, out held) || held.Holder is not null || held.IsDraining)
                    continue;
                held.IsDraining = true;
            }

            GiveTurns(shard, mutation.Key, held);
        }
    }

    /// <summary>Takes those who have waited too long.</summary>
    public void TakeOverdue(List<object> overdue)
    {
        foreach (var held in _held.Values)
        {
            // Each waits as long as the others: the first is the oldest.
            while (held.Waiting.First is { } first && first.Value.Deadline <= context.Now)
            {
                overdue.Add(first.Value.Who);
                held.Waiting.RemoveFirst();
                counters.AddWaitingForLoad(-1);
            }
        }
    }

    /// <summary>Takes all who wait, since the shard is not served any more.</summary>
    public void TakeAll(List<object> waiting)
    {
        foreach (var held in _held.Values)
        {
            foreach (var (who, _) in held.Waiting)
                waiting.Add(who);
            counters.AddWaitingForLoad(-held.Waiting.Count);
            held.Waiting.Clear();
        }
    }

    public void Clear() => _held.Clear();

    /// <summary>A unit that reads an old version does so in its own turn: were the reading to wait for another, each would wait for the other for ever.</summary>
    private static bool IsTurnOf(Held held, object who) =>
        held.Turn is { } turn && (ReferenceEquals(turn, who) || (who is OldVersionReading reading && ReferenceEquals(turn, reading.Unit)));

    private void GiveTurns(Shard shard, EntityKey key, Held held)
    {
        while (true)
        {
            object next;
            lock (shard.Gate)
            {
                held.Turn = null;
                if (held.Holder is not null || held.Waiting.First is not { } first)
                {
                    held.IsDraining = false;
                    if (held.Holder is null && _held.TryGetValue(key, out var present) && present == held)
                        _held.Remove(key);
                    return;
                }

                next = held.Turn = first.Value.Who;
                held.Waiting.RemoveFirst();
                counters.AddWaitingForLoad(-1);
            }

            context.Resume(next);
        }
    }

    private sealed class Held
    {
        /// <summary>The part that holds the entity; null when those who waited for it have their turns.</summary>
        public Prepare? Holder { get; set; }

        public LinkedList<(object Who, long Deadline)> Waiting { get; } = [];

        /// <summary>Whose turn it is.</summary>
        public object? Turn { get; set; }

        public bool IsDraining { get; set; }
    }
}
