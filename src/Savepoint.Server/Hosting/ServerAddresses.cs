using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Savepoint.Server.Configuration;

namespace Savepoint.Server.Hosting;

/// <summary>Where others reach what has no place in the table of nodes; known once the server listens, since port 0 takes a free one.</summary>
internal sealed class ServerAddresses(IServer server, SavepointOptions options)
{
    /// <summary>For HTTP/2; null when it is not taken.</summary>
    public Uri? Http2 => options.ListenHttp2 is null ? null : new Uri(options.Cluster.AdvertisedHttp2Address ?? Bound.ElementAt(1));

    private ICollection<string> Bound => server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
}
