namespace Savepoint.Modules.Characters.Intents;

/// <summary>Where an intent's arguments are read from: each by its name, with what it means.</summary>
public abstract class IntentArguments
{
    private protected IntentArguments()
    {
    }

    /// <summary>A whole number of 64 bits that has to be there.</summary>
    public abstract long Whole(string name, string meaning);

    /// <summary>A whole number of 64 bits.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="meaning">What it means.</param>
    /// <param name="missing">What it is where it is not there.</param>
    public abstract long WholeOr(string name, string meaning, long missing);

    /// <summary>A text that has to be there.</summary>
    public abstract string Text(string name, string meaning);

    /// <summary>A text; null where it is not there.</summary>
    public abstract string? OptionalText(string name, string meaning);

    /// <summary>Yes or no; no where it is not there.</summary>
    public abstract bool Flag(string name, string meaning);

    /// <summary>A word that stands for a member of an enum, as <see cref="EnumWords"/> has them, and has to be there.</summary>
    public abstract T Word<T>(string name, string meaning)
        where T : struct, Enum;
}

/// <summary>An argument is missing or of the wrong type; which of them is nothing that leaves the engine.</summary>
internal sealed class ArgumentsException : Exception
{
}
