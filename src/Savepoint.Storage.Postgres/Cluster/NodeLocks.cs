using Npgsql;
using Savepoint.Engine.Shards;
using Savepoint.Storage.Postgres.Connections;

namespace Savepoint.Storage.Postgres.Cluster;

/// <summary>
/// The advisory locks on a node's name and address, which its session holds: PostgreSQL lets go of them when the process dies. They hold nothing back by
/// themselves; whoever gets one knows that no other process holds on to that name or address.
/// </summary>
internal sealed class NodeLocks
{
    /// <summary>Taken by whoever changes who is a member: one at a time.</summary>
    public const string BeOnlyOneToChangeMembers = "select pg_advisory_xact_lock(1398165588, 0)";

    public const string LetGo = "select pg_advisory_unlock_all()";

    // The first half of the keys is "SVPT", as of the lock that migrations take; those are of 64 bits in one, which are others.
    private const string TryTake = "select pg_try_advisory_lock(1398165588, $1), pg_try_advisory_lock(1398165588, $2)";

    private readonly int _name;
    private readonly int _address;

    /// <param name="database">The identity of the database: several may lie in one, in schemas of their own.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="address">The node's address.</param>
    public NodeLocks(Guid database, string name, string address) => (_name, _address) = (Key($"name {database:N} {name}"), Key($"address {database:N} {address}"));

    /// <summary>Whether both are held.</summary>
    public bool AreHeld { get; private set; }

    public void Forget() => AreHeld = false;

    /// <returns>Which of the two are this session's.</returns>
    public async ValueTask<(bool Name, bool Address)> TryTakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var take = new NpgsqlCommand(TryTake, connection);
        take.Parameters.With(_name).With(_address);
        await using var row = await take.ExecuteReaderAsync(cancellationToken);
        await row.ReadAsync(cancellationToken);
        var (name, address) = (row.GetBoolean(0), row.GetBoolean(1));
        AreHeld = name && address;
        return (name, address);
    }

    private static int Key(string what) => unchecked((int)ShardHash.Of(what));
}
