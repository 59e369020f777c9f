using System.Diagnostics;
using Google.Protobuf;
using Savepoint.Documents;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Bench.Push;

/// <summary>A player's client that watches its profile: it checks that each version comes, in order, and its copy against the checksums that come with some.</summary>
internal sealed class PlayerClient(Uri endpoint, string userId, string token) : IPushedClient
{
    public const string SentAt = "at";

    private static readonly Documents.Path SentAtPath = SentAt;

    private readonly LightSocket _socket = new();
    private readonly TaskCompletionSource _watches = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Document _profile = new();

    public List<(long Sent, long Came)> Changes { get; } = [];

    public long Version { get; private set; }

    public long Received => _socket.Received;

    public string? Failure { get; private set; }

    public int Checksums { get; private set; }

    public async Task ConnectAsync()
    {
        await _socket.ConnectAsync(endpoint, WebSocketDuplex.SubProtocol);
        var hello = new ClientFrame
        {
            Messages =
            {
                new ClientMessage { Hello = new Hello { PlayerToken = token } },
                new ClientMessage { Request = 1, Watch = new Watch { Kind = Accounts.Kind, Id = userId, CoalesceMs = 0 } },
            },
        };
        await _socket.SendAsync(hello.ToByteArray());
        _ = ReceiveAsync();
        await _watches.Task;
    }

    public void Dispose() => _socket.Dispose();

    private async Task ReceiveAsync()
    {
        try
        {
            await _socket.ReceiveAsync(Take);
            Failure ??= "the server closed the connection";
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Failure ??= exception.Message;
        }

        _watches.TrySetResult();
    }

    private bool Take(ReadOnlySpan<byte> frame)
    {
        var came = Stopwatch.GetTimestamp();
        foreach (var message in ServerFrame.Parser.ParseFrom(frame).Messages)
        {
            if (message.BodyCase == ServerMessage.BodyOneofCase.Change)
                Take(message.Change, came);
            else if (message.BodyCase == ServerMessage.BodyOneofCase.Snapshot)
                Take(message.Snapshot);
            else if (message.BodyCase == ServerMessage.BodyOneofCase.Error)
                Failure ??= message.Error.ToString();
        }

        return true;
    }

    private void Take(Snapshot snapshot)
    {
        if (_watches.Task.IsCompleted)
            Failure ??= $"a snapshot came after version {Version}: changes were folded";
        (Version, _profile) = ((long)snapshot.Version, Document.Decode(snapshot.Document.Span));
        _watches.TrySetResult();
    }

    private void Take(Change change, long came)
    {
        if ((long)change.Version != Version + 1)
            Failure ??= $"version {change.Version} came after {Version}";
        Version = (long)change.Version;
        Delta.Apply(_profile, change.Delta.Span);
        if (change.HasChecksum)
        {
            Checksums++;
            if (change.Checksum != _profile.Checksum())
                Failure ??= $"the copy of version {Version} differs from the server's";
        }

        Changes.Add((_profile.Get(SentAtPath).AsInt64(), came));
    }
}
