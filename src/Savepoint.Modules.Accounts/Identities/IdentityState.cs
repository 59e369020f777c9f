using Savepoint.Documents;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Identities;

/// <summary>What an identity holds.</summary>
/// <param name="UserId">Whose it is.</param>
/// <param name="PasswordHash">Of names; null of others.</param>
/// <param name="Failures">Of names.</param>
internal sealed record IdentityState(string UserId, string? PasswordHash, FailureCount Failures)
{
    public const string User = "user", Password = "password", FailureNumber = "failures", FailuresSince = "failuresSince", LockOuts = "lockOuts", LockedUntil = "lockedUntil", Created = "created";

    public static IdentityState? From(Document? document) => document?.Root is { } root && root.Text(User) is { } user
        ? new IdentityState(user, root.Text(Password), new FailureCount(root.Number(FailureNumber), root.Moment(FailuresSince), root.Number(LockOuts), root.Moment(LockedUntil)))
        : null;
}
