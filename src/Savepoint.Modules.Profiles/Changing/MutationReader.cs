using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Profiles.Addresses;

namespace Savepoint.Modules.Profiles.Changing;

/// <summary>
/// Reads what a request wants of one profile: <c>operations</c>, <c>intent</c> with <c>arguments</c>, <c>message</c>, <c>restoreVersion</c> or <c>remove</c>, and
/// <c>expectedVersion</c>. A profile that does not exist is made only with <c>create</c>, so that a misspelt id makes none.
/// </summary>
internal static class MutationReader
{
    /// <summary>Reads one of several, which names its profile.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">It is not one; the message says why.</exception>
    public static Mutation Read(JsonFields fields, ProfileAddresses addresses)
    {
        var key = addresses.KeyOf(fields.Text("kind"), fields.RequiredText("id"));
        var mutation = Read(fields, key);
        fields.EndOfFields();
        return mutation;
    }

    /// <summary>Reads what is wanted of a profile; the caller ends the fields.</summary>
    /// <exception cref="Hosting.Problems.ProblemException">It is not one; the message says why.</exception>
    public static Mutation Read(JsonFields fields, EntityKey key)
    {
        var mutation = new Mutation { Key = key, ExpectedVersion = fields.Count("expectedVersion") };
        var changes = 0;
        if (fields.Objects("operations", OperationsReader.Max) is { } operations)
        {
            (mutation.Kind, mutation.Payload) = (MutationKind.Delta, OperationsReader.Read(operations));
            changes++;
        }

        if (fields.Text("intent") is { } intent)
        {
            (mutation.Kind, mutation.Intent, mutation.Payload) = (MutationKind.Intent, intent, (fields.Document("arguments") ?? new Document()).ToBytes());
            changes++;
        }

        if (fields.Document("message") is { } message)
        {
            (mutation.Kind, mutation.Payload) = (MutationKind.Message, message.ToBytes());
            changes++;
        }

        if (fields.Count("restoreVersion") is { } version)
        {
            (mutation.Kind, mutation.RestoredVersion) = (MutationKind.Restore, version);
            changes++;
        }

        if (fields.Flag("remove") == true)
        {
            mutation.Kind = MutationKind.Remove;
            changes++;
        }

        if (changes != 1)
            throw JsonFields.Invalid(fields.Place, "asks for exactly one of operations, intent, message, restoreVersion and remove");
        Creation(fields, ref mutation);
        return mutation;
    }

    private static void Creation(JsonFields fields, ref Mutation mutation)
    {
        var (create, template) = (fields.Flag("create") ?? false, fields.Document("template"));
        var canCreate = mutation.Kind is MutationKind.Delta or MutationKind.Intent;
        if (create && !canCreate)
            throw fields.Wrong("create", "goes with operations or an intent");
        if (template is not null && !create)
            throw fields.Wrong("template", "goes with create");
        if (template is not null)
            mutation.Template = template.ToBytes();
        if (canCreate && !create)
            mutation.ExpectedVersion ??= Mutation.AnyVersion;
    }
}
