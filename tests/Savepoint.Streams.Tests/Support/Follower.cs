using Savepoint.Documents;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

/// <summary>Follows a watch as a client does, and fails at any gap, repeat or difference.</summary>
public sealed class Follower(ulong watch)
{
    private Document _document = new();

    public ulong Version { get; private set; }

    public int Snapshots { get; private set; }

    public void Take(ServerMessage message)
    {
        if (message.Snapshot is { } snapshot && (message.Request == watch || snapshot.Watch == watch))
            Take(snapshot, isPush: message.Request == 0);
        else if (message.SessionOpened is { } opened && message.Request == watch)
            (Version, _document) = (opened.Version, Document.Decode(opened.Document.Span));
        else if (message.Change is { } change && change.Watch == watch)
            Take(change);
    }

    public long Number(string path) => _document.Get(path).AsInt64();

    private void Take(Snapshot snapshot, bool isPush)
    {
        snapshot.Version.ShouldBeGreaterThanOrEqualTo(Version);
        Version = snapshot.Version;
        _document = snapshot.Document.IsEmpty ? new Document() : Document.Decode(snapshot.Document.Span);
        Snapshots += isPush ? 1 : 0;
    }

    private void Take(Change change)
    {
        change.Version.ShouldBe(Version + 1);
        Version = change.Version;
        Delta.Apply(_document, change.Delta.Span);
        if (change.HasChecksum)
            _document.Checksum().ShouldBe(change.Checksum);
    }
}
