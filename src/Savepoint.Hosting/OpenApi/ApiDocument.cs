using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Savepoint.Hosting.Problems;

namespace Savepoint.Hosting.OpenApi;

/// <summary>What the description of the API says of all of it.</summary>
internal sealed class ApiDocument : IOpenApiDocumentTransformer
{
    public const string Bearer = "bearer", ProblemSchema = nameof(Problem);

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Savepoint",
            Version = "v1",
            Description = "Any node of a cluster takes any request. Refusals are problems (RFC 9457) whose `code` never changes its meaning.",
        };

        // The host is the one that the document was asked of.
        document.Servers = [new OpenApiServer { Url = "/" }];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A player's token, or the secret of a game server, service, support or admin.",
        };
        document.Components.Schemas ??= new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal);
        document.Components.Schemas[ProblemSchema] = Schema();
        return Task.CompletedTask;
    }

    private static OpenApiSchema Schema() => new()
    {
        Type = JsonSchemaType.Object,
        Description = "A refusal (RFC 9457).",
        Required = new HashSet<string>(StringComparer.Ordinal) { "type", "status", "code", "detail" },
        Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal)
        {
            ["type"] = Text("`urn:savepoint:` and the code."),
            ["status"] = Number("The status code of the answer."),
            ["code"] = Text("Stable, for programs."),
            ["detail"] = Text("For people; it may change."),
            ["transient"] = Flag("The same request can succeed later."),
            ["retryAfterMs"] = Number("How long to wait before it is tried again, in milliseconds."),
            ["outcomeUnknown"] = Flag("Nobody knows whether the request took effect."),
            ["mutation"] = Number("Which change of the request was refused, counted from 0."),
            ["kind"] = Text("The kind of the entity at fault."),
            ["id"] = Text("The id of the entity at fault."),
            ["path"] = Text("The property at fault."),
            ["holder"] = Text("Who holds the session."),
            ["expectedVersion"] = Number("The version that was expected."),
            ["currentVersion"] = Number("The version that there is."),
            ["current"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "With `version.mismatch`, the entity as it is." },
            ["error"] = Text("Of characters, with `version.mismatch`: what to do."),
            ["character"] = new OpenApiSchema { Type = JsonSchemaType.Object, Description = "Of characters, with `version.mismatch`: the character as it is." },
        },
    };

    private static OpenApiSchema Text(string description) => new() { Type = JsonSchemaType.String, Description = description };

    private static OpenApiSchema Number(string description) => new() { Type = JsonSchemaType.Integer, Format = "int64", Description = description };

    private static OpenApiSchema Flag(string description) => new() { Type = JsonSchemaType.Boolean, Description = description };
}
