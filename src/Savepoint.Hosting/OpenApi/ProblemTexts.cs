using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Savepoint.Documents;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Hosting.OpenApi;

/// <summary>A class of constants that are codes of problems, whose doc comments say what they mean.</summary>
/// <param name="Type">The class.</param>
public sealed record ProblemCodeSource([property: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type Type);

/// <summary>What the codes of problems mean, as their doc comments say.</summary>
internal sealed class ProblemTexts(XmlDocumentation docs, IEnumerable<ProblemCodeSource> sources)
{
    private readonly Lazy<Dictionary<string, string>> _texts = new(() => Read(docs, sources));

    /// <summary>What a code means; the code itself where nobody says.</summary>
    public string Of(string code) => _texts.Value.GetValueOrDefault(code, code);

    private static Dictionary<string, string> Read(XmlDocumentation docs, IEnumerable<ProblemCodeSource> sources)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in sources.Append(new ProblemCodeSource(typeof(ProblemCodes))).Append(new ProblemCodeSource(typeof(ErrorCodes))))
        {
            foreach (var field in source.Type.GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                if (field.IsLiteral && field.GetRawConstantValue() is string code && docs.FieldOf(source.Type, field.Name) is { } text)
                    texts.TryAdd(code, text);
            }
        }

        foreach (var error in Enum.GetValues<DocumentError>())
        {
            if (error != DocumentError.None && docs.FieldOf(typeof(DocumentError), $"{error}") is { } text)
                texts.TryAdd(error.Code(), text);
        }

        return texts;
    }
}
