using Microsoft.Extensions.Logging;
using Savepoint.Protocol;

namespace Savepoint.Hosting.Problems;

/// <summary>
/// Sees to it that every request that fails gets a problem: what an endpoint throws, what the web server itself refuses, and under <c>/api</c> what no endpoint
/// takes. Nothing of the inside of the server is in it.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> logger)
{
    private static readonly PathString Api = "/api";

    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            if (context.Request.Path.StartsWithSegments(Api, StringComparison.Ordinal))
                await DescribeAsync(context);
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            await DescribeAsync(context, exception);
        }
    }

    private async Task DescribeAsync(HttpContext context, Exception exception)
    {
        if (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
            return;
        context.Response.Clear();
        if (exception is ProblemException problem)
        {
            await Problem.WriteAsync(context, problem.Error, problem.Status);
            return;
        }

        if (exception is BadHttpRequestException refused)
        {
            var code = refused.StatusCode switch
            {
                StatusCodes.Status413PayloadTooLarge => ProblemCodes.BodyTooLarge,
                StatusCodes.Status415UnsupportedMediaType => ProblemCodes.UnsupportedMediaType,
                _ => ErrorCodes.InvalidRequest,
            };
            await Problem.WriteAsync(context, refused.StatusCode, code, refused.Message);
            return;
        }

        Failed(logger, context.Request.Method, context.Request.Path, exception);
        await Problem.WriteAsync(context, StatusCodes.Status500InternalServerError, ErrorCodes.Internal, "The server has a fault.");
    }

    /// <summary>An answer that is nothing but its status gets a body.</summary>
    private static Task DescribeAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted || response.ContentType is not null || response.ContentLength > 0)
            return Task.CompletedTask;
        if (response.StatusCode >= StatusCodes.Status400BadRequest)
            response.ContentLength = null;
        return response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Problem.WriteAsync(context, response.StatusCode, ProblemCodes.NoSuchEndpoint, "There is nothing at this address."),
            StatusCodes.Status415UnsupportedMediaType => Problem.WriteAsync(context, response.StatusCode, ProblemCodes.UnsupportedMediaType, "The body is of a type that is not for this address, or says none: Content-Type: application/json."),
            StatusCodes.Status405MethodNotAllowed => Problem.WriteAsync(context, response.StatusCode, ProblemCodes.MethodNotAllowed, "The method is not for this address."),
            _ => Task.CompletedTask,
        };
    }

    [LoggerMessage(300, LogLevel.Error, "{Method} {Path} failed. Please report it.")]
    private static partial void Failed(ILogger logger, string method, PathString path, Exception exception);
}

/// <summary>Puts problems in their place.</summary>
public static class ProblemMiddlewareExtensions
{
    /// <summary>Goes before everything that may fail.</summary>
    public static IApplicationBuilder UseProblems(this IApplicationBuilder app) => app.UseMiddleware<ProblemMiddleware>();
}
