using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

/// <summary>Requests that tests send.</summary>
public static class Requests
{
    public const string Kind = "profile";

    public static ClientMessage Unit(params Mutation[] mutations)
    {
        var unit = new Protocol.Messages.Unit();
        unit.Mutations.AddRange(mutations);
        return new ClientMessage { Unit = unit };
    }

    public static ClientMessage Batch(params Mutation[] parts)
    {
        var batch = new Batch();
        batch.Parts.AddRange(parts);
        return new ClientMessage { Batch = batch };
    }

    public static Mutation Set(string id, string path, long value, Action<Mutation>? with = null)
    {
        var delta = new DeltaWriter();
        delta.Set(path, value);
        return Change(id, delta, with);
    }

    public static Mutation Add(string id, string path, long amount, Action<Mutation>? with = null)
    {
        var delta = new DeltaWriter();
        delta.Increment(path, amount);
        return Change(id, delta, with);
    }

    public static Mutation Remove(string id) => new() { Kind = Kind, Id = id, Remove = true };

    public static Mutation Restore(string id, ulong version, Action<Mutation>? with = null)
    {
        var mutation = new Mutation { Kind = Kind, Id = id, RestoreVersion = version };
        with?.Invoke(mutation);
        return mutation;
    }

    public static ClientMessage List(string id, Action<ListVersions>? with = null)
    {
        var list = new ListVersions { Kind = Kind, Id = id };
        with?.Invoke(list);
        return new ClientMessage { ListVersions = list };
    }

    public static Mutation Message(string id, long number) => new() { Kind = Kind, Id = id, Message = ByteString.CopyFrom(Body(number)) };

    public static ClientMessage Open(string id, Action<OpenSession>? with = null)
    {
        var open = new OpenSession { Kind = Kind, Id = id };
        with?.Invoke(open);
        return new ClientMessage { OpenSession = open };
    }

    public static ClientMessage End(string id, ulong session) => new() { EndSession = new EndSession { Kind = Kind, Id = id, Session = session } };

    public static ClientMessage Watch(string id, uint? coalesceMs = 0, ulong fromVersion = 0)
    {
        var watch = new Watch { Kind = Kind, Id = id, FromVersion = fromVersion };
        if (coalesceMs is { } value)
            watch.CoalesceMs = value;
        return new ClientMessage { Watch = watch };
    }

    public static ClientMessage Unwatch(ulong watch) => new() { Unwatch = new Unwatch { Watch = watch } };

    public static ClientMessage Get(string id, ulong version = 0) => new() { Get = new Get { Kind = Kind, Id = id, Version = version } };

    public static byte[] Body(long number) => new Document(new MapBuilder { ["n"] = number }.Build()).ToBytes();

    public static long Number(ByteString document, string path) => Document.Decode(document.Span).Get(path).AsInt64();

    private static Mutation Change(string id, DeltaWriter delta, Action<Mutation>? with)
    {
        var mutation = new Mutation { Kind = Kind, Id = id, Delta = ByteString.CopyFrom(delta.WrittenSpan) };
        with?.Invoke(mutation);
        return mutation;
    }
}
