using System.Text;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Server.Peers;

namespace Savepoint.Server.Forwarding;

/// <summary>Registers and places what requests between nodes need.</summary>
internal static class ForwardingServices
{
    public static void AddForwarding(this IServiceCollection services)
    {
        services.AddHttpForwarder();
        services.TryAddSingleton<NodeAuthenticator>();
        services.TryAddSingleton<NodeHttpClient>();
        services.TryAddSingleton<NodeAddresses>();
        services.TryAddSingleton<ForwardingMetrics>();
        services.TryAddSingleton<RequestForwarder>();
    }

    /// <summary>Goes before everything that looks at requests.</summary>
    public static void UseNodeCalls(this IApplicationBuilder app) => app.UseMiddleware<NodeCallMiddleware>();

    /// <summary>
    /// Goes behind <see cref="UseNodeCalls"/>: only nodes may send more headers than clients, and larger ones, since they add some to what clients send. So no node refuses
    /// what another one took.
    /// </summary>
    /// <param name="app">The server.</param>
    /// <param name="most">The most headers of a client.</param>
    /// <param name="mostBytes">The most bytes of all of them, as lines.</param>
    public static void UseClientHeaderLimit(this IApplicationBuilder app, int most, int mostBytes) => app.Use((context, next) =>
    {
        if (context.Features.Get<ICallingNode>() is not null)
            return next(context);
        var headers = context.Request.Headers;
        if (headers.Count > most)
            throw new BadHttpRequestException($"The request has more than {most} headers.", StatusCodes.Status431RequestHeaderFieldsTooLarge);
        return SizeOf(headers) <= mostBytes
            ? next(context)
            : throw new BadHttpRequestException($"The request has more than {mostBytes} bytes of headers.", StatusCodes.Status431RequestHeaderFieldsTooLarge);
    });

    private static int SizeOf(IHeaderDictionary headers)
    {
        // Of a line: the name, ": ", the value, and its end.
        const int around = 4;
        var size = 0;
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
                size += name.Length + around + (value is null ? 0 : Encoding.UTF8.GetByteCount(value));
        }

        return size;
    }

    /// <summary>Goes before whatever serves requests.</summary>
    public static void UseOwnerRouting(this IApplicationBuilder app) => app.UseMiddleware<OwnerRouting>();

    /// <summary>What only nodes call.</summary>
    public static void MapInternal(this IEndpointRouteBuilder routes)
    {
        routes.MapPeers();
        routes.MapNode();
    }
}
