using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Savepoint.Hosting.OpenApi;

/// <summary>
/// Describes the bodies of requests and answers by what their records say of themselves. What may be null need not be there; and of a request (a type whose name ends
/// so) it is left out rather than null.
/// </summary>
internal sealed class SchemaDescription(XmlDocumentation docs) : IOpenApiSchemaTransformer
{
    private const string Request = "Request";

    public Task TransformAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        if (context.JsonPropertyInfo is { } property)
        {
            // What stands elsewhere in the document is described there.
            if (schema.Metadata?.TryGetValue("x-schema-id", out var place) != true || place is not string { Length: > 0 })
                schema.Description ??= docs.PropertyOf(property.DeclaringType, string.Concat(property.Name[..1].ToUpperInvariant(), property.Name.AsSpan(1)));
            if (property.DeclaringType.Name.EndsWith(Request, StringComparison.Ordinal))
                schema.Type &= ~JsonSchemaType.Null;
        }
        else if (type.Namespace?.StartsWith(nameof(Savepoint), StringComparison.Ordinal) == true)
        {
            schema.Description ??= docs.SummaryOf(type);
        }

        // What is written and read by hand takes numbers as numbers.
        if (schema.Type is { } kind && (kind.HasFlag(JsonSchemaType.Integer) || kind.HasFlag(JsonSchemaType.Number)) && kind.HasFlag(JsonSchemaType.String))
            (schema.Type, schema.Pattern) = (kind & ~JsonSchemaType.String, null);
        foreach (var member in context.JsonTypeInfo.Properties)
        {
            if (member.IsGetNullable)
                schema.Required?.Remove(member.Name);
        }

        return Task.CompletedTask;
    }
}
