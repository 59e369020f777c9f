namespace Savepoint.Modules.Characters.Intents;

/// <summary>What there is to say of an intent beside its arguments and its rule. Immutable.</summary>
/// <param name="Name">Its name in permissions, in the history, in metrics, and to those who ask for it over the stream. It never changes.</param>
/// <param name="Summary">What it does, in a few words, for the description of the API.</param>
/// <param name="Method">The HTTP method: <c>POST</c>, or <c>PATCH</c>.</param>
/// <param name="Route">The address, below that of the character: <c>/level-up</c>.</param>
/// <param name="Example">A body that shows its arguments, as JSON.</param>
public sealed record IntentDefinition(string Name, string Summary, string Method, string Route, string Example)
{
    /// <summary>
    /// The refusals that it may have, this module's (<see cref="CharacterErrors"/>) and the game's own. One of a game's that is not named is answered with 422 and a common
    /// sentence. The default is none.
    /// </summary>
    public IReadOnlyList<RuleError> Errors { get; init; } = [];

    /// <summary>Whether it means the same whatever else has happened to the character, so that who asks need not say which version it saw. The default value is false.</summary>
    public bool Commutes { get; init; }
}
