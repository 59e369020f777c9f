using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Savepoint.Server.Configuration;

namespace Savepoint.Server.Hosting;

/// <summary>Where other nodes reach this one; known once it listens, since port 0 takes a free one.</summary>
internal sealed class ServerAddresses(IServer server, SavepointOptions options)
{
    /// <summary>For HTTP/1.1 and WebSockets.</summary>
    public Uri Http => Advertised(options.Cluster.AdvertisedAddress, 0)!;

    /// <summary>For HTTP/2; null when it is not taken.</summary>
    public Uri? Http2 => options.ListenHttp2 is null ? null : Advertised(options.Cluster.AdvertisedHttp2Address, 1);

    private Uri? Advertised(string? configured, int index) =>
        configured is not null ? new Uri(configured) : new Uri(server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ElementAt(index));
}
