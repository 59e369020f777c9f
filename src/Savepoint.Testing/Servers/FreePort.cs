using System.Net;
using System.Net.Sockets;

namespace Savepoint.Testing;

/// <summary>A port of the loopback interface that nobody listened on a moment ago.</summary>
internal static class FreePort
{
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
