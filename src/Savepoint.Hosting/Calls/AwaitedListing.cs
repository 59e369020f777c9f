using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;

namespace Savepoint.Hosting.Calls;

/// <summary>A wish to list versions of an entity whose answer can be awaited, for <see cref="EngineCalls.ListAsync"/>. It is for one call.</summary>
public sealed class AwaitedListing : VersionListing
{
    private PendingAnswer<(VersionPage? Page, Refusal? Refusal)>? _answer;

    internal PendingAnswer<(VersionPage? Page, Refusal? Refusal)> Begin(PendingAnswers all) => all.Begin(ref _answer);

    /// <inheritdoc/>
    protected override void Completed(VersionPage? page, Refusal? refusal) => _answer?.Set((page, refusal));
}
