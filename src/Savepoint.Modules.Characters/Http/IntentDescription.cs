using Savepoint.Modules.Characters.Intents;

namespace Savepoint.Modules.Characters.Http;

/// <summary>What the description of the API says of an intent's endpoint; it is among the endpoint's metadata.</summary>
/// <param name="intent">The intent.</param>
public sealed class IntentDescription(CharacterIntent intent)
{
    /// <summary>The arguments, without <c>version</c>.</summary>
    public IReadOnlyList<ArgumentField> Arguments { get; } = DescribedArguments.Of(intent);

    /// <summary>Whether the version has to be said, in the body or as <c>If-Match</c>.</summary>
    public bool RequiresVersion { get; } = !intent.Definition.Commutes;

    /// <summary>A body, as JSON.</summary>
    public string Example { get; } = intent.Definition.Example;

    /// <summary>What its rules refuse.</summary>
    public IReadOnlyList<RuleError> Errors { get; } = intent.Definition.Errors;
}
