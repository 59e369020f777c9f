namespace Savepoint.Streams.ShardMaps;

/// <summary>What a node of a cluster knows of who owns which shard. Calls may come from several threads at once.</summary>
public interface IShardMapSource
{
    /// <summary>This node; never changes.</summary>
    Guid Self { get; }

    /// <summary>The present map. Its owners may lack some, and its nodes be out of date: game servers are only told where to try first.</summary>
    ShardMapSnapshot Current { get; }

    /// <summary>Asks to be told after each change of <see cref="Current"/>. The callback is quick, and does not throw.</summary>
    void Subscribe(Action changed);
}
