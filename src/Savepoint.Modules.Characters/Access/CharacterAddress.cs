using Savepoint.Engine;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.State;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Characters.Access;

/// <summary>
/// Whose characters a request is about, and which one. A player's own are meant where nobody is named; everybody else names the user: <c>?user=…</c>. What who asks
/// may do with them is for the kind's rules to say.
/// </summary>
internal static class CharacterAddress
{
    public const string User = "user", Id = "id";

    /// <summary>The user whose characters are meant.</summary>
    /// <exception cref="ProblemException">A player means another's, or nobody says whose.</exception>
    public static string UserOf(HttpContext context, Principal principal)
    {
        var query = context.Request.Query;
        var named = query.Count == 0 ? null : query.Text(User);
        if (principal.Role == PrincipalRole.Player)
            return named is null || named == principal.Name ? principal.Name : throw OfAnother();
        return named is { Length: > 0 } ? named : throw QueryValues.Wrong(User, "has to name the user whose characters are meant");
    }

    /// <summary>The character that is meant.</summary>
    /// <exception cref="ProblemException">It is another's, or can't be.</exception>
    public static EntityKey KeyOf(HttpContext context, Principal principal)
    {
        var user = UserOf(context, principal);
        if (!Guid.TryParseExact(context.Request.RouteValues[Id] as string, "D", out var id))
            throw CharacterErrors.ProblemOf(CharacterErrors.CharacterNotFound);
        if (CharacterId.IsOf(id, user))
            return CharacterId.KeyOf(user, id);
        throw principal.Role == PrincipalRole.Player ? OfAnother() : CharacterErrors.ProblemOf(CharacterErrors.CharacterNotFound);
    }

    /// <summary>Whose shard a request belongs to, where it says so; for the way to its owner.</summary>
    public static string? OwnerOf(HttpContext context) => context.Request.Query.Count > 0 && context.Request.Query.TryGetValue(User, out var user) ? user.ToString() : null;

    private static ProblemException OfAnother() => new(ErrorCodes.Forbidden, "Players may reach their own characters only.");
}
