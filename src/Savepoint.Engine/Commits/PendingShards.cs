using System.Numerics;
using Savepoint.Engine.Shards;

namespace Savepoint.Engine.Commits;

/// <summary>
/// Which shards have something queued, so that a cut takes the locks of these only: with a store in memory, taking all 64 for each small commit
/// cost more than the commit.
/// </summary>
internal sealed class PendingShards(int shards)
{
    private const int WordBits = 64;

    private readonly ulong[] _words = new ulong[(shards + WordBits - 1) / WordBits];

    /// <summary>Notes that a shard has something queued. Under its lock.</summary>
    public void Mark(int shard) => Interlocked.Or(ref _words[shard / WordBits], 1UL << (shard % WordBits));

    /// <summary>
    /// Locks every shard that has something queued, in order. A unit marks all its shards before it lets go of any; so once the locks of those that
    /// were marked are held, a second look finds the rest of each unit, and it is repeated until it finds nothing new.
    /// </summary>
    /// <returns>The shards, in order, locked.</returns>
    public List<Shard> LockAll(Shard[] all)
    {
        var locked = new List<Shard>();
        while (Take(all, locked) is { Count: > 0 } more)
        {
            if (locked.Count > 0 && more[0].Index < locked[^1].Index)
            {
                // Locks are taken in order: let go and begin again with all that is known by now.
                Unlock(locked);
                more.AddRange(locked);
                more.Sort((one, other) => one.Index.CompareTo(other.Index));
                locked.Clear();
            }

            foreach (var shard in more)
                shard.Gate.Enter();
            locked.AddRange(more);
        }

        return locked;
    }

    public static void Unlock(List<Shard> locked)
    {
        foreach (var shard in locked)
            shard.Gate.Exit();
    }

    private List<Shard>? Take(Shard[] all, List<Shard> locked)
    {
        List<Shard>? taken = null;
        for (var word = 0; word < _words.Length; word++)
        {
            if (Volatile.Read(ref _words[word]) == 0)
                continue;
            for (var bits = Interlocked.Exchange(ref _words[word], 0); bits != 0; bits &= bits - 1)
            {
                var shard = all[(word * WordBits) + BitOperations.TrailingZeroCount(bits)];
                if (!locked.Contains(shard))
                    (taken ??= []).Add(shard);
            }
        }

        return taken;
    }
}
