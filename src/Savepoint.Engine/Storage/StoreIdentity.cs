namespace Savepoint.Engine.Storage;

/// <summary>What a database is opened with.</summary>
/// <param name="ShardCount">The number of shards of the whole, fixed when its databases are made.</param>
/// <param name="NewDatabaseId">The identity that a new database gets; null where none may be made.</param>
/// <param name="Now">The present time.</param>
public sealed record StoreOpenOptions(int ShardCount, Guid? NewDatabaseId, DateTimeOffset Now)
{
    /// <summary>The identity that a database has to have, if there is one already. The default value is null: any.</summary>
    public Guid? DatabaseId { get; init; }

    /// <summary>The shards that it holds. The default value is all.</summary>
    public ShardRange Shards { get; init; } = ShardRange.All(ShardCount);

    /// <summary>The ranges of all databases of the whole, in order, as <c>0-31,32-63</c>. The default value is one range with all shards.</summary>
    public string Layout { get; init; } = ShardRange.All(ShardCount).ToString();
}

/// <summary>What an open database says of itself.</summary>
/// <param name="DatabaseId">The identity of the whole that it is a part of; session numbers and watch positions hold only within it.</param>
/// <param name="ShardCount">The number of shards of the whole.</param>
public sealed record StoreIdentity(Guid DatabaseId, int ShardCount)
{
    /// <summary>The shards that it holds, as <c>0-31</c>.</summary>
    public string Shards { get; init; } = ShardRange.All(ShardCount).ToString();

    /// <summary>The ranges of all databases of the whole, in order.</summary>
    public string Layout { get; init; } = ShardRange.All(ShardCount).ToString();

    /// <summary>What a new database is made with.</summary>
    /// <exception cref="ArgumentException">The options let none be made.</exception>
    public static StoreIdentity New(StoreOpenOptions options) =>
        new(options.NewDatabaseId ?? throw new ArgumentException("No database may be made.", nameof(options)), options.ShardCount)
        {
            Shards = options.Shards.ToString(),
            Layout = options.Layout,
        };

    /// <summary>Refuses a database that holds other shards than it is opened for, or belongs to another whole.</summary>
    /// <exception cref="StoreException">It does; the message says what it is, and what it should be.</exception>
    public void ThrowUnlessFor(StoreOpenOptions options)
    {
        if (FindMismatch(options) is { } mismatch)
            throw new StoreException(mismatch, WriteOutcome.NotApplied, isTransient: false);
    }

    private string? FindMismatch(StoreOpenOptions options)
    {
        if (ShardCount != options.ShardCount)
            return $"The database was made with {ShardCount} shards, not {options.ShardCount}.";
        if (options.DatabaseId is { } expected && expected != DatabaseId)
            return $"The database for the shards {options.Shards} belongs to another deployment: its identity is {DatabaseId}, that of the others is {expected}. Is the connection string right?";
        if (Shards != options.Shards.ToString())
            return $"The database was made for the shards {Shards}, and is configured for the shards {options.Shards}. Is the connection string right? Ranges can't be changed once the databases are made.";
        return Layout == options.Layout
            ? null
            : $"The database was made as one of several with the shards {Layout}, and {options.Layout} are configured. Ranges can't be changed once the databases are made.";
    }
}
