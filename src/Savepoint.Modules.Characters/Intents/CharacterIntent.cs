using Savepoint.Hosting.OpenApi;
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

    private IReadOnlyList<BodyField>? _fields;

    private protected CharacterIntent(IntentDefinition definition) => Definition = definition;

    /// <summary>What there is to say of it.</summary>
    public IntentDefinition Definition { get; }

    /// <summary>Its arguments, for bodies and for the description of the API.</summary>
    internal IReadOnlyList<BodyField> Fields => _fields ??= DescribedArguments.Of(this);

    /// <summary>Reads the arguments: throws what they lack.</summary>
    internal abstract void Check(IntentArguments arguments);

    /// <summary>What becomes of the character, or why nothing does.</summary>
    internal abstract Ruling<CharacterState> Apply(CharacterState character, IntentArguments arguments, Rulebook rulebook);
}

/// <summary>Something that can be asked of a character.</summary>
/// <typeparam name="TArguments">What it takes to ask for it.</typeparam>
/// <param name="definition">What there is to say of it.</param>
public abstract class CharacterIntent<TArguments>(IntentDefinition definition) : CharacterIntent(definition)
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
