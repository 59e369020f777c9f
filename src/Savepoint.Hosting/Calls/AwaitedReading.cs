using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;

namespace Savepoint.Hosting.Calls;

/// <summary>A wish to read an entity whose answer can be awaited, for <see cref="EngineCalls.ReadAsync"/>. It is for one call.</summary>
public sealed class AwaitedReading : EntityReading
{
    private PendingAnswer<(EntitySnapshot Snapshot, Refusal? Refusal)>? _answer;

    internal PendingAnswer<(EntitySnapshot Snapshot, Refusal? Refusal)> Begin(PendingAnswers all) => all.Begin(ref _answer);

    /// <inheritdoc/>
    protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal) => _answer?.Set((snapshot, refusal));
}
