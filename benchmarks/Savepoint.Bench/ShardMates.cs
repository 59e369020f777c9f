using Savepoint.Documents;
using Savepoint.Testing;

namespace Savepoint.Bench;

/// <summary>Draws another account of the same shard.</summary>
internal sealed class ShardMates
{
    private readonly int[][] _mates;

    public ShardMates(int accounts)
    {
        var shards = Enumerable.Range(0, accounts).ToLookup(account => ShardHash.ShardOf(Accounts.Id(account), ServerCluster.Shards));
        _mates = new int[accounts][];
        foreach (var shard in shards)
        {
            int[] mates = [.. shard];
            foreach (var account in mates)
                _mates[account] = mates;
        }
    }

    public int Draw(int account, Random random) => _mates[account][random.Next(_mates[account].Length)];
}
