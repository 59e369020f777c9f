using System.Net;
using System.Net.Sockets;

namespace Savepoint.Storage.Conformance.Postgres;

/// <summary>What a proxy does to a connection when its moment comes.</summary>
internal enum Cut
{
    /// <summary>The request never arrives.</summary>
    Request,

    /// <summary>The first half of the request arrives.</summary>
    HalfARequest,

    /// <summary>The request arrives and is carried out; its answer is lost.</summary>
    Answer,

    /// <summary>The request arrives and is carried out; the answer arrives but for its last message, which says that it is the end.</summary>
    EndOfAnswer,

    /// <summary>The request arrives and is carried out; no answer and no end of the connection ever comes.</summary>
    AnswerInSilence,
}

/// <summary>Stands between a store and the server, and cuts a connection at the request with a marker in it.</summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _connections = [];
    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _serverPort;
    private readonly Task _accepting;
    private (byte[] Marker, Cut Cut, int AfterRequests)? _order;

    public CutProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends when the server has answered the request whose answer is lost.</summary>
    public Task Answered => _answered.Task;

    /// <summary>Cuts the next connection that sends the marker, once.</summary>
    /// <param name="marker">What the request holds.</param>
    /// <param name="cut">What becomes of it.</param>
    /// <param name="afterRequests">How many requests with the marker pass before.</param>
    public void CutAt(byte[] marker, Cut cut, int afterRequests = 0)
    {
        lock (_end)
            _order = (marker, cut, afterRequests);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _connections.Add(CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
            catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task CarryAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(_end.Token))
        {
            await server.ConnectAsync(IPAddress.Loopback, _serverPort);
            var cut = new TaskCompletionSource<Cut>(TaskCreationOptions.RunContinuationsAsynchronously);
            await Task.WhenAny(RequestsAsync(client.GetStream(), server.GetStream(), cut, end.Token), AnswersAsync(server.GetStream(), client.GetStream(), cut.Task, end.Token));
            await end.CancelAsync();
        }
    }

    private async Task RequestsAsync(NetworkStream client, NetworkStream server, TaskCompletionSource<Cut> cut, CancellationToken end)
    {
        var buffer = new byte[1 << 20];
        while (await ReadAsync(client, buffer, end) is > 0 and var count)
        {
            if (TakeOrder(buffer.AsSpan(0, count)) is not { } ordered)
            {
                await server.WriteAsync(buffer.AsMemory(0, count), end);
                continue;
            }

            cut.SetResult(ordered);
            if (ordered is Cut.Request)
                return;
            await server.WriteAsync(buffer.AsMemory(0, ordered is Cut.HalfARequest ? count / 2 : count), end);
            if (ordered is Cut.HalfARequest)
                return;
        }
    }

    private async Task AnswersAsync(NetworkStream server, NetworkStream client, Task<Cut> cut, CancellationToken end)
    {
        var buffer = new byte[1 << 16];
        while (await ReadAsync(server, buffer, end) is > 0 and var count)
        {
            if (!cut.IsCompleted)
            {
                await client.WriteAsync(buffer.AsMemory(0, count), end);
                continue;
            }

            // ReadyForQuery, with the transaction's end behind it, is the last message of an answer.
            var isEnd = count >= 6 && buffer[count - 6] == 'Z';
            if (await cut is Cut.EndOfAnswer)
                await client.WriteAsync(buffer.AsMemory(0, isEnd ? count - 6 : count), end);
            if (!isEnd)
                continue;
            _answered.TrySetResult();
            if (await cut is not Cut.AnswerInSilence)
                return;
        }
    }

    private static async Task<int> ReadAsync(NetworkStream from, byte[] buffer, CancellationToken end)
    {
        try
        {
            return await from.ReadAsync(buffer, end);
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            return 0;
        }
    }

    private Cut? TakeOrder(ReadOnlySpan<byte> request)
    {
        lock (_end)
        {
            if (_order is not { } order || request.IndexOf(order.Marker) < 0)
                return null;
            _order = order.AfterRequests > 0 ? order with { AfterRequests = order.AfterRequests - 1 } : null;
            return _order is null ? order.Cut : null;
        }
    }
}
