using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;

namespace Savepoint.Simulation;

/// <summary>Shorthand for mutations.</summary>
internal static class Change
{
    public static Mutation Delta(EntityKey key, Action<DeltaWriter> write)
    {
        var delta = new DeltaWriter();
        write(delta);
        return new Mutation { Key = key, Kind = MutationKind.Delta, Payload = delta.ToArray() };
    }

    public static Mutation Set(EntityKey key, string path, Value value) => Delta(key, delta => delta.Set(path, value));

    public static Mutation Add(EntityKey key, string path, long amount, long? min = null) => Delta(key, delta => delta.Increment(path, amount, min));

    public static Mutation Remove(EntityKey key) => new() { Key = key, Kind = MutationKind.Remove };

    public static Mutation Restore(EntityKey key, long version) => new() { Key = key, Kind = MutationKind.Restore, RestoredVersion = version };

    public static Mutation EndSession(EntityKey key, long session) => new() { Key = key, Kind = MutationKind.EndSession, Session = session };

    public static Mutation Message(EntityKey key, long number)
    {
        var body = new MapBuilder { ["n"] = number };
        return new Mutation { Key = key, Kind = MutationKind.Message, Payload = new Document(body.Build()).ToBytes() };
    }

    public static Mutation Under(this Mutation mutation, long session) => mutation with { Session = session };

    public static Mutation At(this Mutation mutation, long version) => mutation with { ExpectedVersion = version };

    public static Mutation Processing(this Mutation mutation, long[] messages) => mutation with { ProcessedMessages = messages };
}
