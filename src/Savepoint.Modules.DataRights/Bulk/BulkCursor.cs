using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Modules.DataRights.Bulk;

/// <summary>How far a job has come in a shard, and what came of it there. It is stored with each entity that is dealt with, in one commit.</summary>
internal sealed record BulkCursor(EntityKey Key, long Version)
{
    public const int MaxErrors = 20;

    /// <summary>The last entity that was dealt with; empty at the beginning.</summary>
    public string After { get; init; } = "";

    public long Changed { get; init; }

    public long Messaged { get; init; }

    public long Refused { get; init; }

    public bool IsDone { get; init; }

    /// <summary>The first refusals: the id and the code.</summary>
    public IReadOnlyList<(string Id, string Code)> Errors { get; init; } = [];

    /// <summary>The mutation that stores it, if nobody has since it was read.</summary>
    public Mutation Store()
    {
        var delta = new DeltaWriter();
        delta.Set("after", After);
        delta.Set("changed", Changed);
        delta.Set("messaged", Messaged);
        delta.Set("refused", Refused);
        delta.Set("done", IsDone);
        delta.Set("errors", Value.FromList(Errors.Select(error => (Value)new MapBuilder { { "id", error.Id }, { "code", error.Code } })));
        return new Mutation { Key = Key, Kind = MutationKind.Delta, Payload = delta.ToArray(), ExpectedVersion = Version };
    }

    public BulkCursor Refuse(string id, string code) => this with
    {
        After = id,
        Refused = Refused + 1,
        Errors = Errors.Count < MaxErrors ? [.. Errors, (id, code)] : Errors,
    };

    public static BulkCursor From(EntityKey key, long version, byte[]? bytes)
    {
        if (bytes is null)
            return new BulkCursor(key, 0);
        var root = UserEntities.Decode(bytes).Root;
        return new BulkCursor(key, version)
        {
            After = root["after"].AsString(),
            Changed = root["changed"].AsInt64(),
            Messaged = root["messaged"].AsInt64(),
            Refused = root["refused"].AsInt64(),
            IsDone = root["done"].AsBoolean(),
            Errors = [.. root["errors"].AsList().Select(error => (error.AsMap()["id"].AsString(), error.AsMap()["code"].AsString()))],
        };
    }
}
