using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Savepoint.Generators;

/// <summary>What the generator has to know of a property's type.</summary>
internal sealed class PropertyTypes
{
    private PropertyTypes(ITypeSymbol type, string storedType, PropertyShape shape)
    {
        Type = type.ToDisplayString(Written);
        StoredType = storedType;
        Shape = shape;
    }

    public string Type { get; }

    public string StoredType { get; }

    public PropertyShape Shape { get; }

    public bool IsNullable { get; private init; }

    public bool CanBeAdditive { get; private init; }

    /// <summary>The default where none is given; null for lists, maps and sections.</summary>
    public string? Fallback { get; private init; }

    private static SymbolDisplayFormat Written { get; } = SymbolDisplayFormat.FullyQualifiedFormat.AddMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private ITypeSymbol? Underlying { get; init; }

    /// <returns>Null for a type that no property can have.</returns>
    public static PropertyTypes? Find(ITypeSymbol type)
    {
        if (type is INamedTypeSymbol { IsGenericType: true, TypeArguments.Length: 1 } generic && FindCollection(generic) is { } collection)
            return collection;
        if (type.GetAttributes().Any(static attribute => attribute.AttributeClass?.ToDisplayString() == KnownNames.ProfileSection))
            return new PropertyTypes(type, type.ToDisplayString(Written), PropertyShape.Section);

        var isNullable = type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T };
        var value = isNullable ? ((INamedTypeSymbol)type).TypeArguments[0] : type;
        if (value.TypeKind == TypeKind.Enum)
            return FindEnum(type, (INamedTypeSymbol)value, isNullable);
        if (!IsScalar(value))
            return null;
        isNullable |= type is { SpecialType: SpecialType.System_String, NullableAnnotation: NullableAnnotation.Annotated };
        return new PropertyTypes(type, type.ToDisplayString(Written), PropertyShape.Scalar)
        {
            IsNullable = isNullable,
            CanBeAdditive = !isNullable && IsNumber(value),
            Fallback = isNullable ? "null" : value.SpecialType == SpecialType.System_String ? "\"\"" : "default",
            Underlying = value,
        };
    }

    /// <summary>The given default as an expression; null when it is not of the type.</summary>
    public string? DefaultOf(TypedConstant constant)
    {
        if (Shape == PropertyShape.Enum)
        {
            return SymbolEqualityComparer.Default.Equals(constant.Type, Underlying)
                ? $"({Underlying!.ToDisplayString(Written)})({SymbolDisplay.FormatPrimitive(constant.Value!, quoteStrings: true, useHexadecimalNumbers: false)})"
                : null;
        }
        return (Underlying?.SpecialType, constant.Value) switch
        {
            (SpecialType.System_Int64, int or long) => SymbolDisplay.FormatPrimitive(constant.Value!, true, false) + "L",
            (SpecialType.System_Int32, int) => SymbolDisplay.FormatPrimitive(constant.Value!, true, false),
            (SpecialType.System_Double, int or long or double) => Real(Convert.ToDouble(constant.Value)),
            (SpecialType.System_Boolean, bool flag) => flag ? "true" : "false",
            (SpecialType.System_String, string text) => SymbolDisplay.FormatLiteral(text, quote: true),
            _ => null,
        };
    }

    private static string? Real(double value) => double.IsNaN(value) || double.IsInfinity(value)
        ? null
        : value.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "D";

    private static PropertyTypes? FindCollection(INamedTypeSymbol type)
    {
        var definition = type.OriginalDefinition.ToDisplayString();
        var item = type.TypeArguments[0];
        var isKept = IsScalar(item) || item.ToDisplayString() == KnownNames.Value;
        return definition switch
        {
            KnownNames.List when isKept => new PropertyTypes(type, item.ToDisplayString(Written), PropertyShape.List),
            KnownNames.Map when isKept => new PropertyTypes(type, item.ToDisplayString(Written), PropertyShape.Map) { CanBeAdditive = IsNumber(item) },
            _ => null,
        };
    }

    // An enum over ulong has values that no integer of a document can hold.
    private static PropertyTypes? FindEnum(ITypeSymbol type, INamedTypeSymbol value, bool isNullable) =>
        value.EnumUnderlyingType?.SpecialType == SpecialType.System_UInt64
            ? null
            : new PropertyTypes(type, isNullable ? "long?" : "long", PropertyShape.Enum)
            {
                IsNullable = isNullable,
                Fallback = isNullable ? "null" : "default",
                Underlying = value,
            };

    private static bool IsNumber(ITypeSymbol type) =>
        type.SpecialType is SpecialType.System_Int64 or SpecialType.System_Int32 or SpecialType.System_Double;

    private static bool IsScalar(ITypeSymbol type) =>
        IsNumber(type)
        || type.SpecialType is SpecialType.System_Boolean or SpecialType.System_String
        || type.ToDisplayString() is KnownNames.Timestamp or KnownNames.Bytes;
}
