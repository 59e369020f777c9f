using Savepoint.Documents;

namespace Savepoint.Modules.Accounts.Administration;

/// <summary>What an admin does with an account, as the audit log says it.</summary>
/// <param name="Action">A stable name: <c>account.disable</c>.</param>
/// <param name="Reason">Why; null where that was not said.</param>
internal sealed record AdminDeed(string Action, string? Reason)
{
    /// <summary>What was there before; null where that says nothing.</summary>
    public Document? Before { get; init; }

    /// <summary>What is there from then on; null where that says nothing.</summary>
    public Document? After { get; init; }

    /// <summary>A type of identities, and no more of it: the log outlives the user.</summary>
    public static Document Identity(string type) => new(new MapBuilder { { "identity", type } }.Build());
}
