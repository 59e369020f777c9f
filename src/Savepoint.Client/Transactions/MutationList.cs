using Google.Protobuf;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>What a transaction or a batch asks for, as it is sent. An entity whose session the client holds is changed under that session.</summary>
internal sealed class MutationList(SubscriptionTable subscriptions)
{
    private readonly DeltaWriter _writer = new();

    public List<Mutation> Mutations { get; } = new(2);

    public List<SentChange> Changes { get; } = new(2);

    public ReadOnlyMemory<byte> Delta(Action<DeltaWriter> write)
    {
        _writer.Reset();
        write(_writer);
        return _writer.ToArray();
    }

    public void Change(string kind, string id, ReadOnlyMemory<byte> delta, long? expectedVersion) =>
        Add(kind, id, expectedVersion, delta).Delta = UnsafeByteOperations.UnsafeWrap(delta);

    public void Intent(string kind, string id, string name, Document arguments, long? expectedVersion) =>
        Add(kind, id, expectedVersion, default).Intent = new Intent { Name = name, Arguments = UnsafeByteOperations.UnsafeWrap(arguments.ToBytes()) };

    public void Message(string kind, string id, Document body) => Add(kind, id, null, default).Message = UnsafeByteOperations.UnsafeWrap(body.ToBytes());

    public void Remove(string kind, string id, long? expectedVersion) => Add(kind, id, expectedVersion, default).Remove = true;

    public void RollBack(string kind, string id, long version, long? expectedVersion)
    {
        if (version < 1)
            throw new ArgumentOutOfRangeException(nameof(version), version, "Versions count from 1.");
        Add(kind, id, expectedVersion, default).RestoreVersion = (ulong)version;
    }

    private Mutation Add(string kind, string id, long? expectedVersion, ReadOnlyMemory<byte> delta)
    {
        var mutation = new Mutation { Kind = kind, Id = id };
        if (expectedVersion is { } expected)
            mutation.ExpectedVersion = (ulong)expected;
        if (!subscriptions.IsEmpty && subscriptions.FindSession(kind, id) is { } session)
            mutation.Session = (ulong)session.Number;
        Mutations.Add(mutation);
        Changes.Add(new SentChange(kind, id, delta));
        return mutation;
    }
}
