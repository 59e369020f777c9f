using Savepoint.Documents;
using Savepoint.Engine.Reading;

namespace Savepoint.Engine.Kinds;

/// <summary>Looks whether a kind's parts fit together, when the engine is made.</summary>
internal static class KindCheck
{
    /// <summary>What the names of Savepoint's own kinds begin with.</summary>
    public const string OwnPrefix = "sp-";

    /// <returns>What is wrong; null when all is well.</returns>
    public static string? Check(Kind kind) => CheckName(kind) ?? CheckSecret(kind) ?? CheckIntents(kind) ?? CheckTemplate(kind) ?? CheckMigrations(kind);

    private static string? CheckName(Kind kind)
    {
        if (kind.Name.StartsWith(OwnPrefix, StringComparison.Ordinal) == kind.IsOwnedBySavepoint)
            return null;
        return kind.IsOwnedBySavepoint
            ? $"The kind '{kind.Name}' is Savepoint's own, and so its name has to begin with '{OwnPrefix}'."
            : $"'{kind.Name}' can't name a kind of a game: what begins with '{OwnPrefix}' is Savepoint's own.";
    }

    private static string? CheckSecret(Kind kind) => kind is { IsSecret: true, IsOwnedBySavepoint: false }
        ? $"The kind '{kind.Name}' is secret, which only Savepoint's own can be."
        : null;

    private static string? CheckIntents(Kind kind)
    {
        foreach (var intent in kind.Intents.Keys)
        {
            if (intent.StartsWith(OwnIntents.Prefix, StringComparison.Ordinal))
                return $"'{intent}' can't name an intent: what begins with '{OwnIntents.Prefix}' is Savepoint's own.";
            if (intent.StartsWith(RollbackEvent.Prefix, StringComparison.Ordinal))
                return $"'{intent}' can't name an intent: in the history it is a rollback.";
            if (intent.StartsWith(LoadEvent.MigrationPrefix, StringComparison.Ordinal) || intent.StartsWith(LoadEvent.HookPrefix, StringComparison.Ordinal))
                return $"'{intent}' can't name an intent: in the history it is a migration or a hook.";
        }

        return null;
    }

    private static string? CheckTemplate(Kind kind)
    {
        if (kind.Template?.CreateDocument() is not { } defaults)
            return null;
        if (ReservedKeys.AreIn(defaults))
            return $"The template of the kind '{kind.Name}' has a top-level key that begins with '$', which is Savepoint's own.";
        if (defaults.Check(kind.Limits) is var broken and not DocumentError.None)
            return $"The template of the kind '{kind.Name}' breaks its limits ({broken.Code()}).";
        return kind.Schema is { } schema && SchemaCheck.Whole(schema, defaults) is { } fault
            ? $"The template of the kind '{kind.Name}' does not fit its schema: {fault.Error.Code()} at '{fault.Path}'."
            : null;
    }

    private static string? CheckMigrations(Kind kind)
    {
        if (kind.TemplateVersion < 0)
            return $"The template version of the kind '{kind.Name}' is negative.";
        var expected = kind.TemplateVersion - kind.Migrations.Count;
        foreach (var migration in kind.Migrations)
        {
            if (migration.From != expected || expected < 0)
                return $"The migrations of the kind '{kind.Name}' have to lead step by step to its template version {kind.TemplateVersion}: one from {expected} is due, and there is one from {migration.From}.";
            expected++;
        }

        return null;
    }
}
