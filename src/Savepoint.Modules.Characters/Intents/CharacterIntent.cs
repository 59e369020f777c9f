using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>
/// Something that can be asked of a character. One class, and so one file, holds all that belongs to an intent; it is found by itself, as are those in
/// <see cref="CharactersOptions.IntentAssemblies"/>. Derive from <see cref="CharacterIntent{TArguments}"/>.
/// </summary>
/// <remarks>An intent must be pure, as it runs inside the engine: no I/O, no clock, no dice. One object serves all requests at once, so it keeps nothing.</remarks>
public abstract class CharacterIntent
{
    /// <summary>The field of a request that says which version of the character was seen: none of the arguments has this name.</summary>
    public const string Version = "version";

    /// <summary>Its name in permissions, in the history, in metrics, and to those who ask for it over the stream. It never changes.</summary>
    public abstract string Name { get; }

    /// <summary>What it does, in a few words, for the description of the API.</summary>
    public abstract string Summary { get; }

    /// <summary>The HTTP method: <c>POST</c>, or <c>PATCH</c>.</summary>
    public abstract string Method { get; }

    /// <summary>The address, below that of the character: <c>/level-up</c>.</summary>
    public abstract string Route { get; }

    /// <summary>A body that shows its arguments, as JSON.</summary>
    public abstract string Example { get; }

    /// <summary>Whether it means the same whatever else has happened to the character, so that who asks need not say which version it saw. The default value is false.</summary>
    public virtual bool Commutes => false;

    /// <summary>
    /// The refusals that it may have, this module's (<see cref="CharacterErrors"/>) and the game's own. One of a game's that is not named is answered with 422 and a common
    /// sentence. The default is none.
    /// </summary>
    public virtual IReadOnlyList<RuleError> Errors => [];

    /// <summary>Reads the arguments: throws what they lack.</summary>
    internal abstract void Check(IntentArguments arguments);

    /// <summary>What becomes of the character, or why nothing does.</summary>
    internal abstract Ruling<CharacterState> Apply(CharacterState character, IntentArguments arguments, Rulebook rulebook);
}

/// <summary>Something that can be asked of a character.</summary>
/// <typeparam name="TArguments">What it takes to ask for it.</typeparam>
public abstract class CharacterIntent<TArguments> : CharacterIntent
{
    /// <summary>
    /// Reads the arguments. Which these are, for JSON, for documents and for the description of the API, is what is asked for here; so ask for all of them each time.
    /// </summary>
    /// <param name="arguments">Where they are read from.</param>
    protected abstract TArguments Read(IntentArguments arguments);

    /// <summary>What becomes of the character, or why nothing does.</summary>
    /// <param name="character">The character as it is now, whatever who asks has seen.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="rulebook">The items that there are.</param>
    protected abstract Ruling<CharacterState> Apply(CharacterState character, TArguments arguments, Rulebook rulebook);

    internal sealed override void Check(IntentArguments arguments) => Read(arguments);

    internal sealed override Ruling<CharacterState> Apply(CharacterState character, IntentArguments arguments, Rulebook rulebook) => Apply(character, Read(arguments), rulebook);
}
