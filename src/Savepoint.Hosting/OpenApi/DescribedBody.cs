namespace Savepoint.Hosting.OpenApi;

/// <summary>Metadata of an endpoint: the fields of the body that it reads, where no record has them.</summary>
/// <param name="Fields">The fields.</param>
public sealed record DescribedBody(IReadOnlyList<BodyField> Fields);

/// <summary>A field of a body.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsRequired">Whether it has to be there.</param>
/// <param name="Description">What it means.</param>
public sealed record BodyField(string Name, BodyFieldType Type, bool IsRequired, string Description)
{
    /// <summary>The texts that it may be; empty for any.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];
}

/// <summary>The type of a field.</summary>
public enum BodyFieldType
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A whole number of 64 bits.</summary>
    Whole,

    /// <summary>True or false.</summary>
    Flag,
}

/// <summary>Metadata of an endpoint that many share: the class whose doc comment describes it.</summary>
/// <param name="Type">The class.</param>
public sealed record DescribedBy(Type Type);

/// <summary>Metadata of an endpoint: an example of a problem that has more in it than problems have.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Code">The code.</param>
/// <param name="Body">The body, as JSON.</param>
public sealed record ProblemExample(int Status, string Code, string Body);
