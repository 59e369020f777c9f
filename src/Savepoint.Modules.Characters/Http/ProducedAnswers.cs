using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Problems;
using Savepoint.Modules.Characters.Access;
using Savepoint.Protocol;

namespace Savepoint.Modules.Characters.Http;

/// <summary>Says what endpoints answer with, for the description of the API.</summary>
internal static class ProducedAnswers
{
    public const string Id = "e3b0c442-98fc-8c14-9afb-f4c8996fb924";

    /// <summary>A character, as an example.</summary>
    public const string Character = $$"""
        {"id":"{{Id}}","name":"Minsc","race":"human","subrace":null,"class":"ranger","level":1,"hitpoints":12,"maximumHitpoints":12,"armorClass":12,"speedFeet":30,"initiative":2,
        "proficiencyBonus":2,"stealthDisadvantage":false,"lacksArmorTraining":false,
        "abilities":{"strength":16,"dexterity":14,"constitution":14,"intelligence":9,"wisdom":11,"charisma":13},
        "abilityModifiers":{"strength":3,"dexterity":2,"constitution":2,"intelligence":-1,"wisdom":0,"charisma":1},
        "savingThrows":{"strength":5,"dexterity":4,"constitution":2,"intelligence":-1,"wisdom":0,"charisma":1},
        "equipment":{"armor":null,"mainHand":null,"offHand":null,"shield":null},"attacks":[],"currency":{"cp":0,"sp":0,"ep":0,"gp":15,"pp":0},"version":6}
        """;

    private static readonly string[] OfChanges =
    [
        ErrorCodes.SessionRequired, ErrorCodes.RequestReused, ErrorCodes.RequestForgotten,
    ];

    public static RouteHandlerBuilder ProducesReads(this RouteHandlerBuilder endpoint) => endpoint.TakesUser().ProducesEngineReads();

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="refusals">What the rules refuse.</param>
    public static RouteHandlerBuilder ProducesChanges(this RouteHandlerBuilder endpoint, IEnumerable<RuleError> refusals) => endpoint
        .TakesChangeHeaders()
        .TakesUser()
        .ProducesEngineChanges()
        .ProducesProblems(OfChanges)
        .ProducesRuleProblems(refusals);

    /// <summary>Of changes that take the version that was seen.</summary>
    public static RouteHandlerBuilder ProducesMismatches(this RouteHandlerBuilder endpoint, bool isRequired)
    {
        endpoint.TakesHeader("If-Match", "The version that was seen, as `ETag` gives it; or in the body. Another one: 412, else 409.", "\"6\"");
        if (isRequired)
            endpoint.ProducesProblems(ProblemCodes.PreconditionRequired);
        return endpoint
            .ProducesProblems(ErrorCodes.VersionMismatch).ProducesProblemsAs(StatusCodes.Status412PreconditionFailed, ErrorCodes.VersionMismatch)
            .WithMetadata(Mismatch(StatusCodes.Status409Conflict), Mismatch(StatusCodes.Status412PreconditionFailed));
    }

    private static ProblemExample Mismatch(int status) => new(status, ErrorCodes.VersionMismatch, $$"""
        {"error":"Version mismatch. Please refresh.","character":{{Character}},"type":"urn:savepoint:version.mismatch","status":{{status}},"code":"version.mismatch",
        "detail":"The character is not at the expected version.","expectedVersion":5,"currentVersion":6}
        """);

    /// <summary>Of those of one character.</summary>
    public static RouteHandlerBuilder OfOne(this RouteHandlerBuilder endpoint) => endpoint
        .WithRouteExample(CharacterAddress.Id, Id, "The character's id, a UUID.")
        .ProducesRuleProblems([CharacterErrors.CharacterNotFound]);

    private static RouteHandlerBuilder ProducesRuleProblems(this RouteHandlerBuilder endpoint, IEnumerable<RuleError> refusals)
    {
        foreach (var refusal in refusals)
            endpoint.ProducesProblemsAs(refusal.Status, refusal.Code);
        return endpoint;
    }

    private static RouteHandlerBuilder TakesUser(this RouteHandlerBuilder endpoint) =>
        endpoint.TakesQuery(CharacterAddress.User, "Whose characters are meant; a player's own where it is not there.");
}
