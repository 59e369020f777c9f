using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Savepoint.Bench.Push;

/// <summary>
/// The baseline of <c>push</c>: what Kestrel takes to push messages of the same size at the same rate to as many WebSockets, with nothing behind it: no engine, no
/// journal, no protocol. A line on its input begins it.
/// </summary>
internal sealed class BareServer(int connections, int rate, int seconds, int messageBytes)
{
    private readonly WebSocket?[] _sockets = new WebSocket?[connections];
    private readonly long[] _numbers = new long[connections];

    public static async Task<int> RunAsync(int connections, int rate, int seconds, int messageBytes)
    {
        var server = new BareServer(connections, rate, seconds, messageBytes);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.UseWebSockets();
        app.Map("/{index}", server.ServeAsync);
        await app.StartAsync();
        Console.WriteLine(app.Urls.First());
        await Console.In.ReadLineAsync();
        await server.PushAsync();
        Console.WriteLine("done");
        await Console.In.ReadLineAsync();
        return 0;
    }

    private async Task ServeAsync(HttpContext context)
    {
        var index = int.Parse((string)context.Request.RouteValues["index"]!, CultureInfo.InvariantCulture);
        var socket = _sockets[index] = await context.WebSockets.AcceptWebSocketAsync();
        await socket.ReceiveAsync(Memory<byte>.Empty, context.RequestAborted);
    }

    private async Task PushAsync()
    {
        var pace = new Pace(rate, TimeSpan.FromSeconds(seconds));
        var message = new byte[messageBytes];
        while (pace.TryNext(out var index, out var due))
        {
            var at = (int)(index % connections);
            BinaryPrimitives.WriteInt64LittleEndian(message, due);
            BinaryPrimitives.WriteInt64LittleEndian(message.AsSpan(8), ++_numbers[at]);
            await _sockets[at]!.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        }
    }
}
