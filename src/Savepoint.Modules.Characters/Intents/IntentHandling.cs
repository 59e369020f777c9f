using Savepoint.Engine.Kinds;
using Savepoint.Modules.Characters.Data;
using Savepoint.Modules.Characters.State;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>
/// Carries an intent out inside the engine, on the character as it is at that moment: 1: what the entity only starts from is no character. 2: the arguments are read.
/// 3: the rule decides. 4: what it has changed is written.
/// </summary>
internal sealed class IntentHandling(CharacterIntent intent, Rulebook rulebook) : IIntent
{
    public string Name => intent.Definition.Name;

    public string? Handle(IntentContext context)
    {
        if (!CharacterDocument.IsCharacter(context.Document))
            return CharacterErrorCodes.CharacterNotFound;
        var before = CharacterDocument.Read(context.Document, rulebook);
        var arguments = new StoredArguments(context.Arguments.Root);
        try
        {
            if (!intent.Apply(before, arguments, rulebook).IsAllowed(out var after, out var error))
                return error.Code;
            if (!arguments.AreAll)
                return CharacterErrorCodes.ArgumentsInvalid;
            CharacterDocument.WriteChanges(before, after, context.Delta);
            return null;
        }
        catch (ArgumentsException)
        {
            return CharacterErrorCodes.ArgumentsInvalid;
        }
    }
}
