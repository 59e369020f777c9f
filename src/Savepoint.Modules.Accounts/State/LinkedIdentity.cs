using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.State;

/// <summary>An identity as its account knows it.</summary>
/// <param name="Key">The identity.</param>
/// <param name="Label">What it is called, to be shown: the user name as it was written, a studio's subject; null for none.</param>
internal sealed record LinkedIdentity(EntityKey Key, string? Label)
{
    public string Type => IdentityKeys.TypeOf(Key);

    /// <summary>When it was linked.</summary>
    public DateTimeOffset At { get; init; }

    public MapBuilder ToMap()
    {
        var map = new MapBuilder { { AccountState.IdentityId, Key.Id } };
        if (Label is not null)
            map.Add(AccountState.Label, Label);
        return map;
    }

    public static LinkedIdentity? From(Value value) => value.TryGetMap(out var map) && map.Text(AccountState.IdentityId) is { } id
        ? new LinkedIdentity(new EntityKey(IdentityKind.Name, id), map.Text(AccountState.Label)) { At = map.Moment(AccountState.At) }
        : null;
}
