using System.Text.Json;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Users;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Mutation = Savepoint.Engine.Units.Mutation;

namespace Savepoint.Modules.Accounts.Records;

/// <summary>
/// What accounts keep of a user, for exports and erasures. The account and its identities are erased in one unit, which expects the account as it was read: an identity that
/// is linked meanwhile is not left behind. From then on nobody can log in with them, and no token of before is good for anything.
/// </summary>
internal sealed class AccountRecords(AccountEngine engine) : IUserRecords
{
    private const int Attempts = 20;

    public string Name => "account";

    public async Task WriteAsync(string userId, Utf8JsonWriter json, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (AccountState.From((await engine.ReadAsync(AccountKind.KeyOf(userId), cancellationToken)).Document) is not { } account)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        AccountJson.Write(json, account, present: null);
        json.WriteEndObject();
    }

    public async Task<IReadOnlyList<EntityKey>> EraseAsync(string userId, string actor, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var key = AccountKind.KeyOf(userId);
            var (document, version) = await engine.ReadAsync(key, cancellationToken);
            if (AccountState.From(document) is not { } account)
                return [];
            EntityKey[] keys = [key, .. account.AllIdentities().Select(static identity => identity.Key)];
            var unit = new SubmittedUnit { Actor = actor, Mutations = [.. keys.Select(erased => Erasing(erased, erased == key ? version : Mutation.AnyVersion))] };

            // Once it is on its way, only its outcome is of interest.
            if (await engine.SubmitAsync(unit, CancellationToken.None) is not { } refusal)
                return keys;
            if (refusal.Code is not (RefusalCode.VersionMismatch or RefusalCode.NotFound))
                throw AccountEngine.Problem(refusal);
        }

        throw AccountEngine.Problem(new Refusal(RefusalCode.Busy));
    }

    private static Mutation Erasing(EntityKey key, long expected) => new() { Key = key, Kind = MutationKind.Erase, ExpectedVersion = expected };
}
