namespace Savepoint.Streams.ShardMaps;

/// <summary>Who owns which shard, at one moment. Never changes.</summary>
/// <param name="Version">Grows with each map of this node.</param>
/// <param name="Nodes">The nodes that owners are among.</param>
/// <param name="Owners">The owner of each shard, in order.</param>
public sealed record ShardMapSnapshot(long Version, IReadOnlyList<ShardMapNode> Nodes, IReadOnlyList<ShardMapOwner> Owners);

/// <summary>A node.</summary>
/// <param name="Id">Random for each process.</param>
/// <param name="Name">What its operators call it.</param>
/// <param name="Address">Where game servers reach it, <c>http://10.0.0.5:7350</c>, or <c>https</c>; null when they can't.</param>
public sealed record ShardMapNode(Guid Id, string Name, Uri? Address);

/// <summary>Who owns a shard.</summary>
/// <param name="Node">The owner; null when nobody does at present.</param>
/// <param name="Term">Grows each time the shard gets another owner.</param>
public readonly record struct ShardMapOwner(Guid? Node, long Term);
