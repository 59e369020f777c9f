using Savepoint.Engine.Units;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Modules.Characters.Access;
using Savepoint.Modules.Characters.Intents;

namespace Savepoint.Modules.Characters.Http;

/// <summary>
/// The endpoint of one intent: <c>/api/v1/characters/{id}</c> and the intent's own route. It is carried out in the engine, on the character as it is then; so two who ask
/// at once lose nothing, whatever each has seen.
/// </summary>
internal sealed class IntentEndpoint(CharacterIntent intent)
{
    private readonly IntentBody _body = new(intent.Fields);
    private readonly IntentDefinition _definition = intent.Definition;

    /// <summary>Maps it.</summary>
    public void Map(IEndpointRouteBuilder routes) => routes.MapMethods("/{id}" + _definition.Route, [_definition.Method], (Delegate)HandleAsync)
        .WithName($"Character.{_definition.Name}").WithSummary(_definition.Summary)
        .WithMetadata(new DescribedBy(intent.GetType()), new DescribedBody([.. intent.Fields, Version]))
        .Accepts<object>("application/json")
        .Produces<CharacterAnswer>().GivesEntityTag()
        .OfOne().ProducesChanges(_definition.Errors).ProducesMismatches(isRequired: !_definition.Commutes)
        .WithExample(ProducedAnswers.Character, _definition.Example);

    private static BodyField Version { get; } = new(CharacterIntent.Version, BodyFieldType.Whole, IsRequired: false, "The version that was seen; or as `If-Match`.");

    // The engine answers in any case, and soon: to watch for a client that goes away costs more than to answer into the void.
    private async Task HandleAsync(HttpContext context, EngineRequests engine, CharacterAnswers answers, CharacterMetrics metrics)
    {
        var principal = context.GetPrincipal();
        var key = CharacterAddress.KeyOf(context, principal);
        var (arguments, version) = await _body.ReadAsync(context.Request, CancellationToken.None);
        Mutation[] change =
        [
            new Mutation
            {
                Key = key,
                Kind = MutationKind.Intent,
                Intent = _definition.Name,
                Payload = arguments,
                ExpectedVersion = ExpectedVersion.Of(context.Request, version, isRequired: !_definition.Commutes),
                WantsDocument = true,
            },
        ];
        var error = await engine.SubmitAsync(context.Request, principal, change, CharacterAnswers.TermsOf(context, _definition.Name), CancellationToken.None);
        metrics.Answered(_definition.Name, error);
        if (error is null)
            await answers.ChangedAsync(context, change[0]);
        else
            await answers.RefusedAsync(context, error, key, _definition.Errors);
    }
}
