using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Savepoint.Server.Configuration;
using Savepoint.Server.NodeAuthentication;
using IPNetwork = System.Net.IPNetwork;

namespace Savepoint.Server.Proxies;

/// <summary>
/// Takes the client's address from <c>X-Forwarded-For</c> where a proxy that is trusted has set it, and from nobody else: of the list, the last address that is no trusted proxy's.
/// Without such proxies the header means nothing.
/// </summary>
internal static class TrustedProxies
{
    /// <summary>Reads an address, or a range as <c>10.0.0.0/8</c>.</summary>
    public static bool TryParse(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
            return true;
        if (!IPAddress.TryParse(text, out var address))
            return false;
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    /// <summary>Goes before everything that asks for an address, and behind what knows calls of other nodes: these say themselves whom they are for.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app, SavepointOptions options)
    {
        if (options.TrustedProxies.Count == 0)
            return;
        var headers = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = null };
        headers.KnownProxies.Clear();
        headers.KnownIPNetworks.Clear();
        foreach (var proxy in options.TrustedProxies)
        {
            if (TryParse(proxy, out var network))
                headers.KnownIPNetworks.Add(network);
        }

        app.UseWhen(static context => context.Features.Get<ICallingNode>() is null, clients => clients.UseForwardedHeaders(headers));
    }
}
