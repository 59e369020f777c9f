using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Errors;

namespace Savepoint.Modules.Characters.Access;

/// <summary>Asks the rules of the kind for what this module itself carries out: making and removing characters, as if these were intents.</summary>
/// <param name="authorizer">Knows the rules, with what the settings say instead.</param>
internal sealed class CharacterPermissions(IAuthorizer authorizer)
{
    /// <exception cref="ProblemException">The principal may not.</exception>
    public void Demand(Principal principal, EntityKey key, string permission)
    {
        if (authorizer.Submit(principal, new Mutation { Key = key, Kind = MutationKind.Intent, Intent = permission }) is { } denial)
            throw new ProblemException(RequestErrors.From(denial, key));
    }
}
