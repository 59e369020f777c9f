using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Engine.Units;

namespace Savepoint.Engine.Users;

/// <summary>Sees to it that an entity's tag and the user's index change together: each mutation of the one has that of the other in the same unit.</summary>
internal static class TagPairs
{
    /// <returns>What is wrong; null when all is well.</returns>
    public static string? Check(ReadOnlySpan<Mutation> mutations)
    {
        foreach (ref readonly var mutation in mutations)
        {
            if (mutation.Kind != MutationKind.Intent || mutation.Intent?.StartsWith(OwnIntents.Prefix, StringComparison.Ordinal) != true)
                continue;
            if (Counterpart(mutation) is { } wanted && !Has(mutations, wanted))
                return $"'{mutation.Intent}' needs '{wanted.Intent}' of {wanted.Key} in the same unit";
        }

        return null;
    }

    private static (EntityKey Key, string Intent, string Argument, string Value)? Counterpart(in Mutation mutation) => mutation.Intent switch
    {
        UserTags.Tag => (UserTags.IndexOf(Argument(mutation, UserTags.UserArgument)), UserIndex.Add, UserIndex.EntityArgument, mutation.Key.ToString()),
        UserTags.Untag => (UserTags.IndexOf(Argument(mutation, UserTags.UserArgument)), UserIndex.Remove, UserIndex.EntityArgument, mutation.Key.ToString()),
        UserIndex.Add when mutation.Key.Kind == UserTags.IndexKind =>
            (UserIndex.Read(Argument(mutation, UserIndex.EntityArgument)) ?? default, UserTags.Tag, UserTags.UserArgument, mutation.Key.Id),
        UserIndex.Remove when mutation.Key.Kind == UserTags.IndexKind =>
            (UserIndex.Read(Argument(mutation, UserIndex.EntityArgument)) ?? default, UserTags.Untag, UserTags.UserArgument, mutation.Key.Id),
        _ => null,
    };

    private static bool Has(ReadOnlySpan<Mutation> mutations, (EntityKey Key, string Intent, string Argument, string Value) wanted)
    {
        foreach (ref readonly var mutation in mutations)
        {
            if (mutation.Key == wanted.Key && mutation.Kind == MutationKind.Intent && mutation.Intent == wanted.Intent && Argument(mutation, wanted.Argument) == wanted.Value)
                return true;
        }

        return false;
    }

    private static string Argument(in Mutation mutation, string name) =>
        Document.TryDecode(mutation.Payload.Span, DocumentLimits.Default, out var arguments) == DocumentError.None
        && arguments!.Root.TryGet(name, out var value) && value.Kind == ValueKind.String
            ? value.AsString()
            : "";
}
