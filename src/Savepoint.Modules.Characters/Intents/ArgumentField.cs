namespace Savepoint.Modules.Characters.Intents;

/// <summary>The type of an argument.</summary>
public enum ArgumentType
{
    /// <summary>A whole number of 64 bits.</summary>
    Whole,

    /// <summary>A text.</summary>
    Text,

    /// <summary>Yes or no.</summary>
    Flag,
}

/// <summary>An argument of an intent.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsRequired">Whether it has to be there.</param>
/// <param name="Meaning">What it means, for people.</param>
public sealed record ArgumentField(string Name, ArgumentType Type, bool IsRequired, string Meaning)
{
    /// <summary>The texts that it may be; empty for any.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}

/// <summary>Writes down what an intent asks for, instead of giving it.</summary>
internal sealed class DescribedArguments : IntentArguments
{
    private readonly List<ArgumentField> _fields = [];

    /// <summary>The arguments of an intent.</summary>
    public static IReadOnlyList<ArgumentField> Of(CharacterIntent intent)
    {
        var description = new DescribedArguments();
        intent.Check(description);
        return description._fields;
    }

    public override long Whole(string name, string meaning) => Add(new ArgumentField(name, ArgumentType.Whole, IsRequired: true, meaning), 0);

    public override long WholeOr(string name, string meaning, long missing) => Add(new ArgumentField(name, ArgumentType.Whole, IsRequired: false, meaning), missing);

    public override string Text(string name, string meaning) => Add(new ArgumentField(name, ArgumentType.Text, IsRequired: true, meaning), "");

    public override string? OptionalText(string name, string meaning) => Add(new ArgumentField(name, ArgumentType.Text, IsRequired: false, meaning), default(string));

    public override bool Flag(string name, string meaning) => Add(new ArgumentField(name, ArgumentType.Flag, IsRequired: false, meaning), false);

    public override T Word<T>(string name, string meaning) => Add(new ArgumentField(name, ArgumentType.Text, IsRequired: true, meaning) { Words = EnumWords.All<T>() }, default(T));

    private T Add<T>(ArgumentField field, T value)
    {
        _fields.Add(field);
        return value;
    }
}
