using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Server.Configuration;

namespace Savepoint.Server.RateLimits;

/// <summary>Registers and places the limits.</summary>
internal static class RateLimitServices
{
    public static void AddRequestLimits(this IServiceCollection services, SavepointOptions options)
    {
        services.AddRateLimiter(static _ => { });
        services.TryAddSingleton(options.RateLimits);
        services.TryAddSingleton<RateLimitMetrics>();
        services.TryAddSingleton<RequestLimits>();
    }

    /// <summary>Goes where it is known from which address a request comes, and before anything is done for it.</summary>
    public static void UseAddressLimits(this IApplicationBuilder app)
    {
        var limits = app.ApplicationServices.GetRequiredService<RequestLimits>();
        if (limits.LimitsAddresses)
            app.UseRateLimiter(limits.ForAddresses());
    }

    /// <summary>Goes behind authentication.</summary>
    public static void UsePrincipalLimits(this IApplicationBuilder app)
    {
        var limits = app.ApplicationServices.GetRequiredService<RequestLimits>();
        if (limits.LimitsPrincipals)
            app.UseRateLimiter(limits.ForPrincipals());
    }
}
