using Savepoint.Documents;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>The arguments in a document.</summary>
internal sealed class StoredArguments(MapValue arguments) : IntentArguments
{
    private int _found;

    public override long Whole(string name, string meaning) => TryWhole(name, out var number) ? number : throw new ArgumentsException();

    public override long WholeOr(string name, string meaning, long missing) => TryWhole(name, out var number) ? number : missing;

    public override string Text(string name, string meaning) => OptionalText(name, meaning) ?? throw new ArgumentsException();

    public override string? OptionalText(string name, string meaning) => !TryFind(name, out var value) ? null
        : value.TryGetString(out var text) ? text
        : throw new ArgumentsException();

    public override bool Flag(string name, string meaning) => TryFind(name, out var value)
        && (value.TryGetBoolean(out var flag) ? flag : throw new ArgumentsException());

    public override T Word<T>(string name, string meaning) => EnumWords.TryParse<T>(Text(name, meaning), out var member) ? member
        : throw new ArgumentsException();

    /// <summary>To be called when all have been read: whether nothing else is there.</summary>
    public bool AreAll => _found == arguments.Count;

    private bool TryWhole(string name, out long number)
    {
        number = 0;
        return TryFind(name, out var value) && (value.TryGetInt64(out number) ? true : throw new ArgumentsException());
    }

    private bool TryFind(string name, out Value value)
    {
        if (!arguments.TryGet(name, out value))
            return false;
        _found++;
        return true;
    }
}
