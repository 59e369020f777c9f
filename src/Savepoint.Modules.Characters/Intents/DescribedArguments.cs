using Savepoint.Hosting.OpenApi;

namespace Savepoint.Modules.Characters.Intents;

/// <summary>Writes down what an intent asks for, instead of giving it.</summary>
internal sealed class DescribedArguments : IntentArguments
{
    private readonly List<BodyField> _fields = [];

    /// <summary>The arguments of an intent.</summary>
    public static IReadOnlyList<BodyField> Of(CharacterIntent intent)
    {
        var description = new DescribedArguments();
        intent.Check(description);
        return description._fields;
    }

    public override long Whole(string name, string meaning) => Add(new BodyField(name, BodyFieldType.Whole, IsRequired: true, meaning), 0);

    public override long WholeOr(string name, string meaning, long missing) => Add(new BodyField(name, BodyFieldType.Whole, IsRequired: false, meaning), missing);

    public override string Text(string name, string meaning) => Add(new BodyField(name, BodyFieldType.Text, IsRequired: true, meaning), "");

    public override string? OptionalText(string name, string meaning) => Add(new BodyField(name, BodyFieldType.Text, IsRequired: false, meaning), default(string));

    public override bool Flag(string name, string meaning) => Add(new BodyField(name, BodyFieldType.Flag, IsRequired: false, meaning), false);

    public override T Word<T>(string name, string meaning) => Add(new BodyField(name, BodyFieldType.Text, IsRequired: true, meaning) { Words = EnumWords.All<T>() }, default(T));

    private T Add<T>(BodyField field, T value)
    {
        _fields.Add(field);
        return value;
    }
}
