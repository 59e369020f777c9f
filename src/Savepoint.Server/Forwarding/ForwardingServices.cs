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
    /// Goes behind <see cref="UseNodeCalls"/>: only nodes may send more headers than clients, since they add some to what clients send. So no node refuses what another one took.
    /// </summary>
    public static void UseClientHeaderLimit(this IApplicationBuilder app, int most) => app.Use((context, next) =>
        context.Request.Headers.Count > most && context.Features.Get<ICallingNode>() is null
            ? throw new BadHttpRequestException($"The request has more than {most} headers.", StatusCodes.Status431RequestHeaderFieldsTooLarge)
            : next(context));

    /// <summary>Goes before whatever serves requests.</summary>
    public static void UseOwnerRouting(this IApplicationBuilder app) => app.UseMiddleware<OwnerRouting>();

    /// <summary>What only nodes call.</summary>
    public static void MapInternal(this IEndpointRouteBuilder routes)
    {
        routes.MapPeers();
        routes.MapNode();
    }
}
