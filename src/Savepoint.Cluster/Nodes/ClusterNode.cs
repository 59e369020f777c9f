namespace Savepoint.Cluster;

/// <summary>A server process of the cluster.</summary>
/// <param name="Id">Random for each process: one that is started again is another node.</param>
/// <param name="Name">What its operators call it.</param>
/// <param name="Address">Where other nodes and clients reach it: an absolute address, <c>http://10.0.0.5:7350</c>.</param>
/// <param name="FeatureLevel">The newest formats that it reads.</param>
public sealed record ClusterNode(Guid Id, string Name, Uri Address, int FeatureLevel);
