using Microsoft.CodeAnalysis;

namespace Savepoint.Generators;

/// <summary>What the generator objects to.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor NotPartial = Error(
        "SAVE001", "Not a class to generate for", "'{0}' has to be a partial class, neither static, abstract, generic nor nested, without a base class");

    public static readonly DiagnosticDescriptor NotSaved = new(
        "SAVE002", "A property is not saved", "'{0}' is not saved: make it partial", Category, DiagnosticSeverity.Warning, isEnabledByDefault: true);

    public static readonly DiagnosticDescriptor UnsupportedType = Error(
        "SAVE003", "The type can't be kept in a document", "'{0}' is of a type that can't be kept in a document");

    public static readonly DiagnosticDescriptor NotAdditive = Error(
        "SAVE004", "[Additive] needs a number", "'{0}' can't be additive: only long, int, double, and maps of them can");

    public static readonly DiagnosticDescriptor WrongDefault = Error("SAVE005", "[Default] does not fit", "The default of '{0}' is not of its type");

    public static readonly DiagnosticDescriptor DuplicateKey = Error("SAVE006", "Two properties have the same key", "Another property has the key of '{0}'");

    public static readonly DiagnosticDescriptor WrongAccessors = Error(
        "SAVE007", "The accessors do not fit the type", "'{0}' has the wrong accessors: values need get and set, lists, maps and sections get only");

    public static readonly DiagnosticDescriptor WrongKey = Error("SAVE008", "The key is invalid", "The key of '{0}' has to have 1 to 128 characters and be valid text");

    public static readonly DiagnosticDescriptor EndlessSection = Error("SAVE009", "Sections contain each other", "'{0}' contains itself");

    private const string Category = "Savepoint";

    private static readonly DiagnosticDescriptor[] All =
        [NotPartial, NotSaved, UnsupportedType, NotAdditive, WrongDefault, DuplicateKey, WrongAccessors, WrongKey, EndlessSection];

    public static DiagnosticDescriptor ById(string id) => Array.Find(All, descriptor => descriptor.Id == id);

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true);
}
