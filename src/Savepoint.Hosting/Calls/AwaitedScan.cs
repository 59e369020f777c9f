using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;

namespace Savepoint.Hosting.Calls;

/// <summary>A wish to list the entities of a kind in a shard whose answer can be awaited, for <see cref="EngineCalls.ScanAsync"/>. It is for one call.</summary>
public sealed class AwaitedScan : EntityScan
{
    private PendingAnswer<(ScanPage? Page, Refusal? Refusal)>? _answer;

    internal PendingAnswer<(ScanPage? Page, Refusal? Refusal)> Begin(PendingAnswers all) => all.Begin(ref _answer);

    /// <inheritdoc/>
    protected override void Completed(ScanPage? page, Refusal? refusal) => _answer?.Set((page, refusal));
}
