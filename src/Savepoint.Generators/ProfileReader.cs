using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Savepoint.Generators;

/// <summary>Reads a marked class: what is to be generated, and what is wrong with it.</summary>
internal sealed class ProfileReader(INamedTypeSymbol type)
{
    private readonly ImmutableArray<Problem>.Builder _problems = ImmutableArray.CreateBuilder<Problem>();
    private readonly ImmutableArray<PropertyModel>.Builder _properties = ImmutableArray.CreateBuilder<PropertyModel>();
    private readonly HashSet<string> _keys = [];

    public ProfileFinding Read(CancellationToken cancellation)
    {
        if (!IsPartialClass(cancellation))
        {
            Report(Diagnostics.NotPartial, type);
            return new ProfileFinding(null, new(_problems.ToImmutable()));
        }
        if (ContainsItself(type, []))
            Report(Diagnostics.EndlessSection, type);
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>())
        {
            cancellation.ThrowIfCancellationRequested();
            Read(property);
        }
        var failed = _problems.Any(static problem => problem.Id != Diagnostics.NotSaved.Id);
        var space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        var model = failed ? null : new ProfileModel(space, type.Name, TemplateVersion(), new(_properties.ToImmutable()));
        return new ProfileFinding(model, new(_problems.ToImmutable()));
    }

    private int TemplateVersion() =>
        Attribute(type, KnownNames.Profile)?.NamedArguments.FirstOrDefault(static argument => argument.Key == "TemplateVersion").Value.Value as int? ?? 0;

    private bool IsPartialClass(CancellationToken cancellation) =>
        type is { IsStatic: false, IsAbstract: false, IsGenericType: false, ContainingType: null, BaseType.SpecialType: SpecialType.System_Object }
        && type.DeclaringSyntaxReferences.All(reference =>
            ((ClassDeclarationSyntax)reference.GetSyntax(cancellation)).Modifiers.Any(static modifier => modifier.ValueText == "partial"));

    private void Read(IPropertySymbol property)
    {
        if (!property.IsPartialDefinition)
        {
            // Computed ones are nobody's mistake.
            if (property is { SetMethod: not null, IsStatic: false, DeclaredAccessibility: Accessibility.Public })
                Report(Diagnostics.NotSaved, property);
            return;
        }
        if (PropertyTypes.Find(property.Type) is not { } found)
        {
            Report(Diagnostics.UnsupportedType, property);
            return;
        }
        Read(property, found);
    }

    private void Read(IPropertySymbol property, PropertyTypes found)
    {
        var key = KeyOf(property);
        var isAdditive = Attribute(property, KnownNames.Additive) is not null;
        var @default = Attribute(property, KnownNames.Default);
        var isValue = found.Shape is PropertyShape.Scalar or PropertyShape.Enum;
        var hasSetter = property.SetMethod is { IsInitOnly: false };
        if (property.GetMethod is null || property.IsStatic || isValue != hasSetter || (!isValue && property.SetMethod is not null))
            Report(Diagnostics.WrongAccessors, property);
        if (isAdditive && !found.CanBeAdditive)
            Report(Diagnostics.NotAdditive, property);
        if (key.Length is 0 or > 128 || key.Contains('\0') || !IsValidText(key))
            Report(Diagnostics.WrongKey, property);
        else if (!_keys.Add(key))
            Report(Diagnostics.DuplicateKey, property);
        var fallback = found.Fallback;
        if (@default is not null && (!isValue || (fallback = found.DefaultOf(@default.ConstructorArguments[0])) is null))
            Report(Diagnostics.WrongDefault, property);
        _properties.Add(new PropertyModel(
            property.Name, key, found.Type, found.StoredType, found.Shape, ModifiersOf(property), fallback ?? "default", found.IsNullable, isAdditive));
    }

    private static bool ContainsItself(INamedTypeSymbol type, ImmutableHashSet<ISymbol> above)
    {
        if (above.Contains(type, SymbolEqualityComparer.Default))
            return true;
        var path = above.Add(type);
        return type.GetMembers().OfType<IPropertySymbol>().Any(property =>
            property.IsPartialDefinition
            && property.Type is INamedTypeSymbol section
            && Attribute(section, KnownNames.ProfileSection) is not null
            && ContainsItself(section, path));
    }

    private static string KeyOf(IPropertySymbol property) =>
        Attribute(property, KnownNames.Property) is { } attribute
            ? attribute.ConstructorArguments[0].Value as string ?? ""
            : char.ToLowerInvariant(property.Name[0]) + property.Name.Substring(1);

    private static bool IsValidText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(text[i]))
                return false;
        }
        return true;
    }

    private static string ModifiersOf(IPropertySymbol property)
    {
        var declaration = (PropertyDeclarationSyntax)property.DeclaringSyntaxReferences[0].GetSyntax();
        return string.Join(" ", declaration.Modifiers.Select(static modifier => modifier.ValueText));
    }

    private static AttributeData? Attribute(ISymbol symbol, string name) =>
        symbol.GetAttributes().FirstOrDefault(attribute => attribute.AttributeClass?.ToDisplayString() == name);

    private void Report(DiagnosticDescriptor descriptor, ISymbol symbol) => _problems.Add(Problem.At(descriptor, symbol, symbol.Name));
}
