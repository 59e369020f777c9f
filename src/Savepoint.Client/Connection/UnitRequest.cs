using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>What one mutation of a unit changes, as far as the client has to know it again when the server tells of it.</summary>
internal readonly record struct SentChange(string Kind, string Id, ReadOnlyMemory<byte> Delta);

/// <summary>
/// A unit on its way. It keeps its deltas, since the server leaves them out when it tells the client's own sessions and watches of them.
/// </summary>
internal abstract class UnitRequest(string name, byte[] body, IReadOnlyList<SentChange> changes, SubscriptionTable subscriptions)
    : PendingRequest(name, body)
{
    public IReadOnlyList<SentChange> Changes { get; } = changes;

    public sealed override int KeyCount => Changes.Count;

    public sealed override (string Kind, string Id) KeyAt(int index) => (Changes[index].Kind, Changes[index].Id);

    public sealed override void OnAnswer(ServerMessage answer)
    {
        if (TryReadVersions(answer) is { } versions)
            OnCommitted(versions);
        else if (answer.BodyCase == ServerMessage.BodyOneofCase.Error)
            OnFailed(SavepointException.From(answer.Error));
        else
            OnFailed(SavepointException.Violation($"{Name} was answered with {answer.BodyCase}."));
    }

    public sealed override void OnLateAnswer(ServerMessage answer) => TryReadVersions(answer);

    protected abstract void OnCommitted(long[] versions);

    private long[]? TryReadVersions(ServerMessage answer)
    {
        if (answer.BodyCase != ServerMessage.BodyOneofCase.UnitCommitted || answer.UnitCommitted.Versions.Count != Changes.Count)
            return null;
        var versions = new long[Changes.Count];
        for (var i = 0; i < versions.Length; i++)
            versions[i] = (long)answer.UnitCommitted.Versions[i];
        if (!subscriptions.IsEmpty)
            Remember(versions);
        return versions;
    }

    private void Remember(long[] versions)
    {
        for (var i = 0; i < versions.Length; i++)
        {
            if (!Changes[i].Delta.IsEmpty)
                subscriptions.RememberOwn(Changes[i], versions[i]);
        }
    }
}
