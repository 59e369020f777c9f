namespace Savepoint.Modules.Characters;

/// <summary>
/// Why the rules don't allow something. Those of this module are <see cref="CharacterErrors"/>; a game has its own in fields beside its intents, and names them there
/// (<see cref="Intents.IntentDefinition.Errors"/>).
/// </summary>
/// <param name="Code">Stable, for programs.</param>
/// <param name="Detail">
/// A sentence for people, which may change. Of what an intent refuses only the code leaves the engine, so clients get the sentence that stands with the code, whatever a
/// rule says instead for tests and logs.
/// </param>
public sealed record RuleError(string Code, string Detail)
{
    /// <summary>The HTTP status, 400 to 499. The default value is 422.</summary>
    public int Status { get; init; } = StatusCodes.Status422UnprocessableEntity;
}
