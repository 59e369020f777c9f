namespace Savepoint.Engine.Kinds;

/// <summary>
/// Brings a document from one template version to the next. It runs once for each document, when that comes into memory with a lower version than its kind's,
/// and is journaled together with the new version, also over crashes and take-overs; a document that is rolled back to before it gets it again. What it throws
/// refuses whoever waits for the entity, with <see cref="Units.RefusalCode.HookFailed"/>; the entity stays as it is stored, and it runs again with the next
/// request. It must be pure: no I/O, no waiting, no clock but the context's. Once released it must not be changed.
/// </summary>
public interface ITemplateMigration
{
    /// <summary>The template version that it starts from: 0 of documents that were made before their kind counted, 1 and up after.</summary>
    int From { get; }

    /// <summary>Writes what changes from this version to the next to <see cref="HookContext.Delta"/>.</summary>
    /// <param name="context">The entity.</param>
    void Migrate(HookContext context);
}

/// <summary>A migration that is a delegate.</summary>
/// <param name="from">The template version that it starts from.</param>
/// <param name="migrate">Writes what changes; null where nothing does but the number.</param>
public sealed class TemplateMigration(int from, Action<HookContext>? migrate) : ITemplateMigration
{
    /// <inheritdoc/>
    public int From => from;

    /// <inheritdoc/>
    public void Migrate(HookContext context) => migrate?.Invoke(context);
}
