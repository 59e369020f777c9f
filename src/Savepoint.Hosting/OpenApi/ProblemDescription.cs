using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Savepoint.Hosting.Problems;

namespace Savepoint.Hosting.OpenApi;

/// <summary>Describes the problems that an endpoint answers with: for each status the codes that can come, with an example of each.</summary>
internal sealed class ProblemDescription(ProblemTexts texts) : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        operation.Responses ??= [];
        foreach (var problems in ImpliedProblems.AllOf(context.Description.ActionDescriptor.EndpointMetadata).GroupBy(static problem => problem.Status).OrderBy(static group => group.Key))
        {
            var codes = problems.Select(static problem => problem.Code).OfType<string>().Order(StringComparer.Ordinal).ToList();
            var response = Response(problems.Key, codes, isOpen: problems.Any(static problem => problem.Code is null), context.Document!);
            foreach (var example in context.Description.ActionDescriptor.EndpointMetadata.OfType<ProblemExample>().Where(example => example.Status == problems.Key))
                response.Content![Problem.ContentType].Examples![example.Code] = new OpenApiExample { Summary = example.Code, Value = JsonNode.Parse(example.Body) };
            operation.Responses[problems.Key.ToString(CultureInfo.InvariantCulture)] = response;
        }

        return Task.CompletedTask;
    }

    private OpenApiResponse Response(int status, List<string> codes, bool isOpen, OpenApiDocument document)
    {
        var response = new OpenApiResponse
        {
            Description = string.Join('\n', codes.Select(code => $"- `{code}`: {texts.Of(code)}")) + (isOpen ? "\n- codes of intents" : ""),
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                [Problem.ContentType] = new() { Schema = Schema(codes, isOpen, document), Examples = codes.ToDictionary(static code => code, code => (IOpenApiExample)Example(status, code, document)) },
            },
        };
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
            response.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal) { ["Retry-After"] = Header("When to try again, in seconds.", JsonSchemaType.Integer) };
        if (status == StatusCodes.Status401Unauthorized)
            response.Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal) { ["WWW-Authenticate"] = Header("`Bearer` (RFC 6750).", JsonSchemaType.String) };
        return response;
    }

    private static OpenApiHeader Header(string description, JsonSchemaType type) => new() { Description = description, Schema = new OpenApiSchema { Type = type } };

    private static OpenApiSchema Schema(List<string> codes, bool isOpen, OpenApiDocument document)
    {
        var code = new OpenApiSchema { Type = JsonSchemaType.String };
        if (isOpen)
            code.Examples = [.. codes.Select(static name => (JsonNode)JsonValue.Create(name))];
        else
            code.Enum = [.. codes.Select(static name => (JsonNode)JsonValue.Create(name))];
        var narrowed = new OpenApiSchema { Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { ["code"] = code } };
        return new OpenApiSchema { AllOf = [new OpenApiSchemaReference(ApiDocument.ProblemSchema, document), narrowed] };
    }

    /// <summary>The same for all endpoints, so each stands in the document once.</summary>
    private OpenApiExampleReference Example(int status, string code, OpenApiDocument document)
    {
        var name = $"{status}.{code}";
        document.Components ??= new OpenApiComponents();
        document.Components.Examples ??= new Dictionary<string, IOpenApiExample>(StringComparer.Ordinal);
        document.Components.Examples.TryAdd(name, new OpenApiExample
        {
            Summary = code,
            Value = new JsonObject { ["type"] = $"urn:savepoint:{code}", ["status"] = status, ["code"] = code, ["detail"] = texts.Of(code) },
        });
        return new OpenApiExampleReference(name, document);
    }
}
