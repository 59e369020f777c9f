using System.Numerics;
using Savepoint.Engine.Shards;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Commits;

/// <summary>
/// Which shards of a database have something queued, so that a cut takes the locks of these only: with a store in memory, taking all 64 for each small commit
/// cost more than the commit.
/// </summary>
internal sealed class PendingShards(ShardRange range)
{
    private const int WordBits = 64;

    private readonly ulong[] _words = new ulong[(range.Count + WordBits - 1) / WordBits];

    /// <summary>Notes that a shard has something queued. Under its lock.</summary>
    public void Mark(int shard)
    {
        var bit = shard - range.First;
        Interlocked.Or(ref _words[bit / WordBits], 1UL << (bit % WordBits));
    }

    /// <summary>
    /// Locks every shard that has something queued, in order. A unit marks all its shards before it lets go of any; so once the locks of those that
    /// were marked are held, a second look finds the rest of each unit, and it is repeated until it finds nothing new.
    /// </summary>
    /// <param name="all">All shards.</param>
    /// <param name="locked">Empty; gets the indexes of the shards that are locked, in order.</param>
    public void LockAll(Shard[] all, List<int> locked)
    {
        for (var held = 0; Take(locked); held = locked.Count)
        {
            if (held > 0 && locked[held] < locked[held - 1])
            {
                // Locks are taken in order: let go and begin again with all that is known by now.
                for (var i = 0; i < held; i++)
                    all[locked[i]].Gate.Exit();
                locked.Sort();
                held = 0;
            }

            for (var i = held; i < locked.Count; i++)
                all[locked[i]].Gate.Enter();
        }
    }

    /// <summary>Lets go of them again.</summary>
    public static void Unlock(Shard[] all, List<int> locked)
    {
        foreach (var shard in locked)
            all[shard].Gate.Exit();
        locked.Clear();
    }

    /// <returns>Whether there are any that were not there yet.</returns>
    private bool Take(List<int> locked)
    {
        var before = locked.Count;
        for (var word = 0; word < _words.Length; word++)
        {
            if (Volatile.Read(ref _words[word]) == 0)
                continue;
            for (var bits = Interlocked.Exchange(ref _words[word], 0); bits != 0; bits &= bits - 1)
            {
                var shard = range.First + (word * WordBits) + BitOperations.TrailingZeroCount(bits);
                if (!locked.Contains(shard))
                    locked.Add(shard);
            }
        }

        return locked.Count > before;
    }
}
