using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Hosting;
using Savepoint.Hosting.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Hosting.Routing;
using Savepoint.Modules.Characters.Access;
using Savepoint.Modules.Characters.Creation;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.Http;
using Savepoint.Modules.Characters.Intents;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters;

/// <summary>Serves characters over HTTP, under <c>/api/v1/characters</c> (docs/reference/characters-api.md), and over the stream as entities of a kind of their own.</summary>
public static class CharactersModule
{
    /// <summary>Says more of the characters of a game than the settings can: its own intents, its own rulebook. To be called before the server registers them.</summary>
    /// <param name="savepoint">The server.</param>
    /// <param name="configure">Changes what the settings say. What comes of it has to be valid.</param>
    public static SavepointBuilder AddCharacters(this SavepointBuilder savepoint, Action<CharactersOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        savepoint.Services.AddSingleton(new CharactersChange(configure));
        return savepoint;
    }

    /// <summary>Registers the kinds and what the endpoints need. The server does so with its settings; a game says more by the other overload.</summary>
    /// <param name="savepoint">The server.</param>
    /// <param name="options">What the settings say; it becomes what the game makes of it.</param>
    /// <exception cref="InvalidOperationException">The intents don't fit together, or there are characters already.</exception>
    /// <exception cref="ValidationException">A value is out of its range.</exception>
    public static SavepointBuilder AddCharacters(this SavepointBuilder savepoint, CharactersOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (savepoint.Services.Any(service => service.ServiceType == typeof(CharactersOptions)))
            throw new InvalidOperationException("There are characters already. A game changes what the settings say of them by AddCharacters(options => …).");
        foreach (var change in savepoint.Services.Select(service => service.ImplementationInstance).OfType<CharactersChange>().ToArray())
            change.Configure(options);
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        if (!options.Enabled)
            return savepoint;
        var rulebook = options.Rulebook ?? Rulebook.LoadSrd();
        var intents = IntentCatalog.Find(rulebook, options.IntentAssemblies);
        CharacterKind.Add(savepoint, intents.Handlers);
        Roster.Add(savepoint, options);
        savepoint.Services.AddProblemCodes(typeof(CharacterErrorCodes));
        savepoint.Services.AddSingleton(options);
        savepoint.Services.AddSingleton(rulebook);
        savepoint.Services.AddSingleton(intents);
        savepoint.Services.TryAddSingleton<IDie, UnpredictableDie>();
        savepoint.Services.AddSingleton<CharacterPermissions>();
        savepoint.Services.AddSingleton<CharacterMetrics>();
        savepoint.Services.AddSingleton<CharacterJson>();
        savepoint.Services.AddSingleton<CharacterAnswers>();
        return savepoint;
    }

    /// <summary>Maps the endpoints, if there are characters.</summary>
    /// <returns>All of them, so that a host can say more of them.</returns>
    public static IEndpointConventionBuilder MapCharacters(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("/api/v1/characters").RequirePrincipal().WithTags("Characters");
        if (routes.ServiceProvider.GetService<CharactersOptions>() is not { } options)
            return all;
        all.WithMaxBody(options.MaxBodyBytes).WithMetadata(new RoutedByOwner { Owner = CharacterAddress.OwnerOf, ByToken = true });
        CreateCharacter.Map(all);
        ListCharacters.Map(all);
        GetCharacter.Map(all);
        DeleteCharacter.Map(all);
        foreach (var intent in routes.ServiceProvider.GetRequiredService<IntentCatalog>().All)
            new IntentEndpoint(intent).Map(all);
        return all;
    }

    private sealed record CharactersChange(Action<CharactersOptions> Configure);
}
