using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Savepoint.Hosting.Principals;
using Savepoint.Hosting.Requests;
using Savepoint.Hosting.Routing;

namespace Savepoint.Hosting.OpenApi;

/// <summary>Describes an endpoint by what its metadata say: parameters, examples, headers, who may call it. What it answers besides is for <see cref="ProblemDescription"/>.</summary>
internal sealed partial class OperationDescription(XmlDocumentation docs) : IOpenApiOperationTransformer
{
    private const string Json = "application/json", MergePatch = "application/merge-patch+json";

    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;

        // A body of no bytes may be of any type; whoever sends one sends JSON.
        operation.RequestBody?.Content?.Remove(JsonBody.AnyType);
        operation.Description ??= DescriptionOf(metadata);
        Parameters(operation, metadata, context.Description.RelativePath ?? "");
        Body(operation, metadata);
        Examples(operation, metadata);
        AnswerHeaders(operation, metadata);
        if (operation.RequestBody?.Content?.TryGetValue(MergePatch, out var patch) == true)
            patch.Schema = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "What changes: `null` takes away, objects are merged, all else is set (RFC 7396)." };
        if (RequiredPrincipal.IsAmong(metadata))
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(ApiDocument.Bearer, context.Document)] = [] }];
        return Task.CompletedTask;
    }

    /// <summary>What the class of an endpoint says of itself, without the address at the beginning.</summary>
    private string? DescriptionOf(IList<object> metadata)
    {
        var type = metadata.OfType<DescribedBy>().FirstOrDefault()?.Type ?? metadata.OfType<MethodInfo>().FirstOrDefault()?.DeclaringType;

        // What the compiler makes of a lambda stands in the class that it is written in.
        while (type is { DeclaringType: { } outer } && type.Name.StartsWith('<'))
            type = outer;
        if (type is null || docs.SummaryOf(type) is not { } summary)
            return null;
        var end = summary.StartsWith('`') ? summary.IndexOf("`: ", StringComparison.Ordinal) : -1;
        var text = end < 0 ? summary : summary[(end + 3)..];
        return string.Concat(text[..1].ToUpperInvariant(), text.AsSpan(1));
    }

    private static void Parameters(OpenApiOperation operation, IList<object> metadata, string path)
    {
        var given = metadata.OfType<RequestParameter>();
        if (metadata.OfType<RoutedByOwner>().Any())
            given = given.Append(RequestParameterExtensions.RouteHeader);
        if (RequiredPrincipal.IsAmong(metadata))
            given = given.Append(RequestParameterExtensions.NameHeader);
        operation.Parameters ??= [];
        RouteValues(operation.Parameters, metadata, path);
        foreach (var parameter in given.DistinctBy(static parameter => parameter.Name))
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.IsHeader ? ParameterLocation.Header : ParameterLocation.Query,
                Description = parameter.Description,
                Required = parameter.IsRequired,
                Example = parameter.Example is not { } example ? null : parameter.IsNumber ? JsonNode.Parse(example) : JsonValue.Create(example),
                Schema = new OpenApiSchema { Type = parameter.IsNumber ? JsonSchemaType.Integer : JsonSchemaType.String },
            });
        }

    }

    /// <summary>Endpoints read most of them by hand, so that only the route knows of them.</summary>
    private static void RouteValues(IList<IOpenApiParameter> parameters, IList<object> metadata, string path)
    {
        foreach (Match match in RouteValue().Matches(path))
        {
            var name = match.Groups["name"].Value;
            var value = parameters.OfType<OpenApiParameter>().FirstOrDefault(parameter => parameter.In == ParameterLocation.Path && parameter.Name == name);
            if (value is null)
            {
                value = new OpenApiParameter { Name = name, In = ParameterLocation.Path, Required = true, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
                parameters.Add(value);
            }

            if (metadata.OfType<RouteExample>().LastOrDefault(example => example.Name == name) is { } given)
                (value.Description, value.Example) = (given.Description, JsonValue.Create(given.Value));
        }
    }

    private static void Examples(OpenApiOperation operation, IList<object> metadata)
    {
        foreach (var example in metadata.OfType<EndpointExample>())
        {
            if (example.Request is { } request && operation.RequestBody?.Content?.TryGetValue(Json, out var asked) == true)
                asked.Example = JsonNode.Parse(request);
            if (example.Answer is not { } answer || operation.Responses?.GetValueOrDefault($"{example.Status}")?.Content is not { } answered)
                continue;
            foreach (var type in answered.Values)
                type.Example = JsonNode.Parse(answer);
        }
    }

    private static void Body(OpenApiOperation operation, IList<object> metadata)
    {
        if (metadata.OfType<DescribedBody>().FirstOrDefault() is not { } body || operation.RequestBody?.Content?.TryGetValue(Json, out var content) != true)
            return;
        content!.Schema = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = body.Fields.Where(static field => field.IsRequired).Select(static field => field.Name).ToHashSet(StringComparer.Ordinal),
            Properties = body.Fields.ToDictionary(static field => field.Name, static field => (IOpenApiSchema)SchemaOf(field), StringComparer.Ordinal),
        };
    }

    private static OpenApiSchema SchemaOf(BodyField field) => new()
    {
        Type = field.Type switch { BodyFieldType.Whole => JsonSchemaType.Integer, BodyFieldType.Flag => JsonSchemaType.Boolean, _ => JsonSchemaType.String },
        Format = field.Type == BodyFieldType.Whole ? "int64" : null,
        Description = field.Description,
        Enum = field.Words.Count == 0 ? null : [.. field.Words.Select(static word => (JsonNode)JsonValue.Create(word))],
    };

    [GeneratedRegex(@"\{(?<name>[^}:?]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex RouteValue();

    private static void AnswerHeaders(OpenApiOperation operation, IList<object> metadata)
    {
        var headers = metadata.OfType<AnswerHeader>().ToList();
        foreach (var (status, response) in operation.Responses ?? [])
        {
            if (headers.Count == 0 || status[0] != '2' || response is not OpenApiResponse answer)
                continue;
            answer.Headers ??= new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal);
            foreach (var header in headers)
                answer.Headers[header.Name] = new OpenApiHeader { Description = header.Description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        }
    }
}
