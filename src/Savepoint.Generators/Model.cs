using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Savepoint.Generators;

/// <summary>What kind of property it is, which decides what is generated for it.</summary>
internal enum PropertyShape
{
    Scalar,
    Enum,
    List,
    Map,
    Section,
}

/// <summary>A property to generate.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="Key">Its key in the document.</param>
/// <param name="Type">Its type as written in generated code.</param>
/// <param name="StoredType">The type that is read and written; for a list or map that of the items, for an enum <c>long</c>.</param>
/// <param name="Shape">What kind of property it is.</param>
/// <param name="Accessibility">Its modifiers.</param>
/// <param name="Fallback">The default as an expression of <paramref name="Type"/>.</param>
/// <param name="IsNullable">Whether it may be absent.</param>
/// <param name="IsAdditive">Whether differences are saved.</param>
internal sealed record PropertyModel(
    string Name,
    string Key,
    string Type,
    string StoredType,
    PropertyShape Shape,
    string Accessibility,
    string Fallback,
    bool IsNullable,
    bool IsAdditive);

/// <summary>A class to generate.</summary>
/// <param name="Namespace">Its namespace; empty for the global one.</param>
/// <param name="Name">Its name.</param>
/// <param name="TemplateVersion">The version of its template; 0 where it does not count.</param>
/// <param name="Properties">Its properties.</param>
internal sealed record ProfileModel(string Namespace, string Name, int TemplateVersion, EquatableArray<PropertyModel> Properties);

/// <summary>A problem, without what would keep a compilation alive.</summary>
internal sealed record Problem(string Id, string Path, TextSpan Span, LinePositionSpan Lines, string Argument)
{
    public static Problem At(DiagnosticDescriptor descriptor, ISymbol symbol, string argument)
    {
        var location = symbol.Locations[0];
        var lines = location.GetLineSpan();
        return new Problem(descriptor.Id, lines.Path, location.SourceSpan, lines.Span, argument);
    }

    public Diagnostic ToDiagnostic() => Diagnostic.Create(Diagnostics.ById(Id), Location.Create(Path, Span, Lines), Argument);
}

/// <summary>What was found of one class.</summary>
internal sealed record ProfileFinding(ProfileModel? Model, EquatableArray<Problem> Problems);
