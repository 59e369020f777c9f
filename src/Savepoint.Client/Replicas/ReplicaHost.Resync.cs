using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// Mending by a snapshot.
internal abstract partial class ReplicaHost
{
    // Beyond this the snapshot that is awaited will be too old anyway, and the next gap asks for another.
    private const int MaxKeptChanges = 4096;

    private readonly Queue<Change> _kept = new();
    private bool _isResyncing;

    /// <summary>Fetches a snapshot; under the lock.</summary>
    /// <param name="mismatch">The version whose checksum was another than the server's, for the server to count; 0 when it is for something else.</param>
    protected void Resync(long mismatch = 0)
    {
        if (_isResyncing)
            return;
        _isResyncing = true;
        Resyncs++;
        var body = MessageBody.Encode(new Get { Kind = Kind, Id = Id, MismatchVersion = (ulong)mismatch });
        Core.Pipeline.Add(new ResyncRequest(this, body) { Kind = Kind, Id = Id }, first: true);
    }

    private void Verify(Change change)
    {
        if (!change.HasChecksum || _isResyncing || (long)change.Version != Replica.Version || Replica.Confirmed.Checksum() == change.Checksum)
            return;
        ChecksumMismatches++;
        Resync((long)change.Version);
    }

    private void ReplayKept()
    {
        RaiseVersion();
        while (!_isResyncing && _kept.TryDequeue(out var change))
            TakeOrKeep(change);
    }

    private void EndResync(Snapshot snapshot)
    {
        lock (Gate)
            _isResyncing = false;
        if (!TryTakeSnapshot((long)snapshot.Version, snapshot.Removed ? default : snapshot.Document.Span))
            Close(SavepointException.Violation("The server sent a snapshot that is no document."));
    }

    private sealed class ResyncRequest(ReplicaHost host, byte[] body) : PendingRequest("The snapshot", body)
    {
        public override void OnAnswer(ServerMessage answer)
        {
            if (answer.BodyCase == ServerMessage.BodyOneofCase.Snapshot)
                host.EndResync(answer.Snapshot);
            else if (answer.BodyCase == ServerMessage.BodyOneofCase.Error)
                OnFailed(SavepointException.From(answer.Error));
            else
                OnFailed(SavepointException.Violation($"A snapshot was answered with {answer.BodyCase}."));
        }

        public override void OnFailed(SavepointException exception)
        {
            // Both have an end of their own for what is subscribed.
            if (exception.Code is ClientErrorCodes.DatabaseChanged or ClientErrorCodes.Closed)
                return;
            if (exception.IsTransient)
                host.Core.Run(RetryAsync);
            else
                host.Close(exception);
        }

        public override void OnCanceled(CancellationToken cancellationToken)
        {
        }

        private async Task RetryAsync()
        {
            await host.Core.Options.TimeProvider.After(TimeSpan.FromSeconds(1), default);
            lock (host.Gate)
            {
                host._isResyncing = false;
                host.Resync();
            }
        }
    }
}
