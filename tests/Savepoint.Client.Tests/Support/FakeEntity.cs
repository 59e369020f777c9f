using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

public sealed record FakeChange(long Version, byte[] Delta, FakeWriter? Writer, ulong Request, int Mutation);

public sealed class FakeWriter
{
    public Dictionary<ulong, ServerMessage> Outcomes { get; } = [];
}

public sealed class FakeEntity
{
    public Document Document { get; set; } = new();

    public long Version { get; set; }

    public ulong Session { get; set; }

    public bool IsHeld { get; set; }

    public string Holder { get; set; } = "";

    public ulong LastMessage { get; set; }

    public List<EntityMessage> Messages { get; } = [];

    public List<FakeChange> History { get; } = [];

    internal List<(FakeConnection Connection, ulong Number)> Watches { get; } = [];

    public Value this[string path] => Document.TryGet(path, out var value) ? value : default;

    public void Record(byte[] delta, FakeWriter? writer = null, ulong request = 0, int mutation = 0) =>
        History.Add(new FakeChange(++Version, delta, writer, request, mutation));
}
