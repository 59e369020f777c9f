using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Savepoint.Server.Hosting;

/// <summary>Listens on addresses as Kestrel itself reads them, each with protocols of its own.</summary>
internal static class ListenAddresses
{
    public static void Listen(this KestrelServerOptions kestrel, string address, HttpProtocols protocols)
    {
        var binding = BindingAddress.Parse(address);
        if (IPAddress.TryParse(binding.Host, out var ip))
            kestrel.Listen(ip, binding.Port, Speak);
        else if (string.Equals(binding.Host, "localhost", StringComparison.OrdinalIgnoreCase))
            kestrel.ListenLocalhost(binding.Port, Speak);
        else
            kestrel.ListenAnyIP(binding.Port, Speak);

        void Speak(ListenOptions listen) => listen.Protocols = protocols;
    }
}
