using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>Where to connect to.</summary>
/// <param name="Address">The address; null for the one place that <see cref="SavepointClientOptions.Connect"/> leads to.</param>
/// <param name="Node">The node that has to be there; empty for whichever is.</param>
internal readonly record struct NodeTarget(Uri? Address, ByteString Node)
{
    public static NodeTarget Seed(Uri? address) => new(address, ByteString.Empty);
}

/// <summary>A connection that was made, with the first frame, which begins with the welcome.</summary>
internal readonly record struct Greeted(IFrameDuplex Duplex, ServerFrame First)
{
    public Welcome Welcome => First.Messages[0].Welcome;
}

/// <summary>Makes connections.</summary>
internal sealed class NodeConnector(SavepointClientOptions options)
{
    private readonly Greeting _greeting = new(options.Credentials!);

    /// <summary>Makes one attempt, within the time that the options give it.</summary>
    /// <exception cref="SavepointException">It failed.</exception>
    public async Task<Greeted> ConnectAsync(NodeTarget target, Hello hello, CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var attempt = ConnectAndGreetAsync(target, hello, giveUp.Token);
        try
        {
            return await attempt.Within(options.ConnectTimeout, options.TimeProvider, cancellationToken);
        }
        catch (TimeoutException exception)
        {
            throw Failed("The server did not answer in time.", exception);
        }
        catch (Exception exception) when (NodeConnection.IsLoss(exception) && !cancellationToken.IsCancellationRequested)
        {
            throw Failed("The server can't be reached.", exception);
        }
        finally
        {
            giveUp.Cancel();
            if (!attempt.IsCompleted)
                _ = DropAsync(attempt);
        }
    }

    public static SavepointException Failed(string message, Exception? cause = null) =>
        new(ClientErrorCodes.ConnectFailed, message, cause) { IsTransient = true };

    private static async Task DropAsync(Task<Greeted> attempt)
    {
        try
        {
            await (await attempt).Duplex.DisposeAsync();
        }
        catch (Exception exception) when (exception is SavepointException || NodeConnection.IsLoss(exception))
        {
            // It has failed by itself.
        }
    }

    private async Task<Greeted> ConnectAndGreetAsync(NodeTarget target, Hello hello, CancellationToken cancellationToken)
    {
        var duplex = await DialAsync(target.Address, cancellationToken);
        try
        {
            return new Greeted(duplex, await _greeting.ExchangeAsync(duplex, hello, cancellationToken));
        }
        catch
        {
            await duplex.DisposeAsync();
            throw;
        }
    }

    private Task<IFrameDuplex> DialAsync(Uri? address, CancellationToken cancellationToken)
    {
        if (address is null)
            return options.Connect!(cancellationToken);
        return options.ConnectTo is { } connect
            ? connect(address, cancellationToken)
            : WebSocketConnector.ConnectAsync(address, options.MaxFrameBytes, cancellationToken);
    }
}
