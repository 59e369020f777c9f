using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Access;
using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.State;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Mutation = Savepoint.Engine.Units.Mutation;
using MutationKind = Savepoint.Engine.Units.MutationKind;

namespace Savepoint.Modules.Characters.Http;

/// <summary>
/// <c>POST /api/v1/characters</c>: creates a character out of a wish, and enters it in the roster in the same unit.
/// </summary>
/// <remarks>
/// Dice are rolled here, outside the engine, whose intents are pure. So that a repetition with the same <c>Idempotency-Key</c> never shows other dice, 1: the
/// character's id is derived from the key; 2: what stands for the request is the user and the wish, not what was rolled; 3: the engine answers a repetition with the outcome
/// of the first, whose character is read by that id. What was rolled for the repetition is never looked at.
/// </remarks>
internal static class CreateCharacter
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapPost("", (Delegate)HandleAsync)
        .WithName("CreateCharacter").WithSummary("Creates a character")
        .Accepts<CharacterRequest>("application/json")
        .Produces<CharacterAnswer>(StatusCodes.Status201Created).GivesEntityTag().GivesHeader("Location", "Where the character is.")
        .ProducesChanges(Refusals)
        .WithExample(ProducedAnswers.Character, """{"name":"Minsc","race":"human","class":"ranger","abilities":{"method":"roll"}}""", StatusCodes.Status201Created);

    private static readonly RuleError[] Refusals =
    [
        CharacterErrors.RaceNotFound, CharacterErrors.SubraceNotFound, CharacterErrors.ClassNotFound, CharacterErrors.SubraceRequired, CharacterErrors.NameInvalid,
        CharacterErrors.NameReserved, CharacterErrors.NameTaken, CharacterErrors.TooManyCharacters, CharacterErrors.CharacterNotFound,
        CharacterErrors.AbilityScoreInvalid, CharacterErrors.NotEnoughPoints, CharacterErrors.AbilityChoiceInvalid,
    ];

    private static async Task HandleAsync(
        HttpContext context, CharacterPermissions permissions, EngineRequests engine, Rulebook rulebook, IDie die, CharacterAnswers answers, CharacterMetrics metrics)
    {
        var principal = context.GetPrincipal();
        var user = CharacterAddress.UserOf(context, principal);
        var terms = CharacterAnswers.TermsOf(context, CharacterKind.Create);
        var id = IdFor(principal, user, terms.IdempotencyKey);
        var key = CharacterId.KeyOf(user, id);
        permissions.Demand(principal, key, CharacterKind.Create);
        var wish = await ReadAsync(context);
        if (!CharacterCreation.Create(wish, rulebook, die).IsAllowed(out var created, out var refused))
        {
            metrics.Answered(CharacterKind.Create, new Error { Code = refused.Code });
            throw CharacterErrors.ProblemOf(refused);
        }

        Mutation[] changes =
        [
            new Mutation
            {
                Key = key,
                Kind = MutationKind.Intent,
                Intent = CharacterKind.Make,
                Payload = CharacterDocument.Write(CharacterState.Of(created)).ToBytes(),
                ExpectedVersion = 0,
                WantsDocument = true,
            },
            Roster.Adding(user, CharacterName.Fold(created.Name), CharacterId.IdOf(key)),
        ];
        var error = await engine.SubmitUncheckedAsync(principal, changes, terms with { Fingerprint = FingerprintOf(user, wish) }, context.RequestAborted);
        metrics.Answered(CharacterKind.Create, error);
        if (error is not null)
        {
            await RefuseAsync(context, error, key, answers);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/api/v1/characters/{id:D}{(principal.Role == PrincipalRole.Player ? "" : $"?user={Uri.EscapeDataString(user)}")}";
        await answers.ChangedAsync(context, changes[0]);
    }

    private static async Task<NewCharacter> ReadAsync(HttpContext context)
    {
        using var body = await JsonBody.ReadAsync(context.Request, context.RequestAborted);
        return CharacterWish.Read(new JsonFields(body.RootElement));
    }

    /// <summary>The id is there already only where a key is used again after its outcome was forgotten.</summary>
    private static Task RefuseAsync(HttpContext context, Error error, EntityKey key, CharacterAnswers answers) => error.Code == ErrorCodes.VersionMismatch
        ? throw new ProblemException(ErrorCodes.RequestReused, $"This {IdempotencyKey.Header} has created a character before.")
        : answers.RefusedAsync(context, error, key);

    private static Guid IdFor(Principal principal, string user, string? idempotencyKey)
    {
        Span<byte> entropy = stackalloc byte[SHA256.HashSizeInBytes];
        if (idempotencyKey is null)
            RandomNumberGenerator.Fill(entropy);
        else
            SHA256.HashData(Encoding.UTF8.GetBytes($"character\0{user}\0{IdempotencyKey.WriterOf(principal, idempotencyKey):N}"), entropy);
        return CharacterId.Make(user, entropy);
    }

    private static ulong FingerprintOf(string user, NewCharacter wish) => IdempotencyKey.FingerprintOf(
        CharacterKind.Create, user, wish.Name, wish.Race, wish.Subrace ?? "", wish.Class, wish.BoughtScores?.ToString() ?? "",
        wish.Preference is { } preference ? string.Join(',', preference) : "", string.Join(',', wish.ChosenIncreases));
}
