using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;

namespace Savepoint.Hosting.Requests;

/// <summary>Reads bodies of requests: JSON in UTF-8, of a limited size, and says what is wrong with it, and where.</summary>
public static class JsonBody
{
    internal const string AnyType = "*/*";

    // A level for each of a document, the objects around it, and those around timestamps and bytes.
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 80 };

    /// <summary>Sets how large the body of an endpoint's requests may be; the server's own limit is 64 KiB.</summary>
    public static TBuilder WithMaxBody<TBuilder>(this TBuilder endpoint, int bytes)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new RequestSizeLimitAttribute(bytes));

    /// <summary>Sets how large the body of one request may be, where its endpoint takes larger ones. Nothing of it may have been read.</summary>
    /// <exception cref="ProblemException">It says itself that it is larger.</exception>
    public static void Limit(HttpContext context, int bytes) => BodyLimits.Lower(context, bytes);

    /// <summary>Reads the whole body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    /// <exception cref="ProblemException">It is no JSON, or larger than the endpoint takes.</exception>
    /// <exception cref="BadHttpRequestException">It breaks off.</exception>
    public static async Task<byte[]> ReadUtf8Async(HttpRequest request, CancellationToken cancellationToken)
    {
        if (!HasJson(request))
            throw NoJson();
        return await CopyAsync(request, cancellationToken);
    }

    private static async Task<byte[]> CopyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream((int)Math.Clamp(request.ContentLength ?? 0, 256, 64 << 10));
        await request.Body.CopyToAsync(buffer, cancellationToken);
        return buffer.ToArray();
    }

    /// <summary>Reads the whole body, and parses it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    /// <exception cref="ProblemException">It is no JSON, no object, or larger than the endpoint takes; the message says why.</exception>
    /// <exception cref="BadHttpRequestException">It breaks off.</exception>
    public static async Task<JsonDocument> ReadAsync(HttpRequest request, CancellationToken cancellationToken) => Parse(await ReadUtf8Async(request, cancellationToken));

    /// <summary>Reads the whole body, and parses it, where there may be none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait for it.</param>
    /// <returns>The body; null where it has no bytes, whatever its type is said to be.</returns>
    /// <exception cref="ProblemException">As <see cref="ReadAsync"/>.</exception>
    /// <exception cref="BadHttpRequestException">It breaks off.</exception>
    public static async Task<JsonDocument?> ReadOptionalAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var utf8 = await CopyAsync(request, cancellationToken);
        if (utf8.Length == 0)
            return null;
        return HasJson(request) ? Parse(utf8) : throw NoJson();
    }

    /// <summary>
    /// Says that an endpoint takes a body of JSON, or none (<see cref="ReadOptionalAsync"/>). Routing lets requests of any type through, since a body of no bytes may say any.
    /// </summary>
    public static RouteHandlerBuilder AcceptsOptional<TBody>(this RouteHandlerBuilder endpoint)
        where TBody : notnull => endpoint.Accepts<TBody>(isOptional: true, "application/json", AnyType);

    /// <summary>The refusal of a body of another type.</summary>
    public static ProblemException NoJson() => new(ProblemCodes.UnsupportedMediaType, "The body has to be JSON: Content-Type: application/json.");

    private static JsonDocument Parse(byte[] utf8)
    {
        try
        {
            var body = JsonDocument.Parse(utf8, Strict);
            if (body.RootElement.ValueKind == JsonValueKind.Object)
                return body;
            body.Dispose();
        }
        catch (JsonException exception)
        {
            throw new ProblemException("document.invalid_json", exception.Message);
        }

        throw new ProblemException(ErrorCodes.InvalidRequest, "The body has to be one JSON object.");
    }

    /// <summary>Whether the body is said to be of a type.</summary>
    public static bool HasType(HttpRequest request, string type) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var given) && given.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the body is said to be JSON in UTF-8.</summary>
    public static bool HasJson(HttpRequest request) =>
        string.Equals(request.ContentType, "application/json", StringComparison.OrdinalIgnoreCase) || HasJsonOfAnyForm(request);

    private static bool HasJsonOfAnyForm(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
        && (!type.Charset.HasValue || type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}
