using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.OpenApi;

namespace Savepoint.Hosting.OpenApi;

/// <summary>
/// Serves the description of the HTTP API: an OpenAPI 3.1 document at <c>/openapi/v1.json</c>. It is made of the metadata of endpoints under <c>/api</c> and <c>/.well-known</c>, when
/// it is first asked for, and kept.
/// </summary>
public static class ApiDescription
{
    /// <summary>Where the document is.</summary>
    public const string Path = "/openapi/v1.json";

    internal const string Name = "v1";

    private static readonly string[] Described = ["api/", ".well-known/"];

    /// <summary>Registers what makes the document.</summary>
    public static IServiceCollection AddApiDescription(this IServiceCollection services)
    {
        services.TryAddSingleton<XmlDocumentation>();
        services.TryAddSingleton<ProblemTexts>();
        services.TryAddSingleton<ApiDescriptionText>();
        services.AddOpenApi(Name, static options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = static description => Described.Any(start => description.RelativePath?.StartsWith(start, StringComparison.Ordinal) == true);
            options.CreateSchemaReferenceId = static type => IsAnything(type.Type) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            options.AddSchemaTransformer<SchemaDescription>();
            options.AddOperationTransformer<OperationDescription>();
            options.AddOperationTransformer<ProblemDescription>();
            options.AddDocumentTransformer<ApiDocument>();
        });
        return services;
    }

    /// <summary>Adds a class of constants that are codes of problems, so that the document says what they mean.</summary>
    public static IServiceCollection AddProblemCodes(
        this IServiceCollection services, [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] Type codes) => services.AddSingleton(new ProblemCodeSource(codes));

    /// <summary>Maps the document.</summary>
    public static IEndpointConventionBuilder MapApiDescription(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path, AnswerAsync).ExcludeFromDescription();

    /// <summary>What has no shape of its own gets no place in the document either.</summary>
    private static bool IsAnything(Type type) => type == typeof(JsonElement) || type == typeof(JsonElement?) || type == typeof(JsonObject);

    private static async Task AnswerAsync(HttpContext context)
    {
        var utf8 = await context.RequestServices.GetRequiredService<ApiDescriptionText>().GetAsync();
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = utf8.Length;
        await context.Response.Body.WriteAsync(utf8, context.RequestAborted);
    }
}

/// <summary>The document, made once.</summary>
internal sealed class ApiDescriptionText
{
    private readonly Lazy<Task<byte[]>> _text;

    public ApiDescriptionText(IServiceProvider services) => _text = new Lazy<Task<byte[]>>(() => MakeAsync(services));

    public Task<byte[]> GetAsync() => _text.Value;

    private static async Task<byte[]> MakeAsync(IServiceProvider services)
    {
        var document = await services.GetRequiredKeyedService<IOpenApiDocumentProvider>(ApiDescription.Name).GetOpenApiDocumentAsync();
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        document.SerializeAsV31(new OpenApiJsonWriter(text, new OpenApiJsonWriterSettings { Terse = true }));
        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
