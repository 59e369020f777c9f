using Savepoint.Engine.Units;
using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Requests;

/// <summary>
/// The reason of a unit, for the history and the economy ledger. What players say of it counts for nothing: else who cheats could name any source for what he gets, and fill
/// the ledger with names until it tells nothing apart.
/// </summary>
public static class UnitReason
{
    /// <summary>The longest reason, in characters (UTF-16 units): what is longer the engine refuses.</summary>
    public const int MaxLength = Unit.MaxReasonLength;

    /// <summary>The reason that a unit is committed with.</summary>
    /// <param name="principal">Who asks.</param>
    /// <param name="said">The reason that the request gives; null for none.</param>
    /// <param name="mutations">The unit.</param>
    /// <returns>Null for none. An intent without a reason has its name; of several, the first.</returns>
    public static string? Of(Principal principal, string? said, ReadOnlySpan<Mutation> mutations)
    {
        if (said is not null && principal.Role != PrincipalRole.Player)
            return said;
        foreach (ref readonly var mutation in mutations)
        {
            if (mutation.Kind == MutationKind.Intent)
                return mutation.Intent is { Length: <= MaxLength } intent ? intent : null;
        }

        return null;
    }

    /// <summary>Cuts a reason where it is too long for a unit, between two characters.</summary>
    /// <param name="reason">The reason; null for none.</param>
    public static string? Shorten(string? reason) => reason is not { Length: > MaxLength } ? reason
        : reason[..(char.IsHighSurrogate(reason[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
}
