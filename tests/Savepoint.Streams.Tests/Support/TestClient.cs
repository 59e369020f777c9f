using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Tests;

/// <summary>A client that speaks the protocol by hand, so that it can also speak it wrongly.</summary>
public sealed class TestClient(IFrameDuplex duplex, Task serving) : IAsyncDisposable
{
    public const string Secret = "a-secret-for-tests-only";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<ServerMessage> _received = [];
    private readonly Queue<ServerMessage> _unread = new();
    private ulong _request;

    /// <summary>Ends when the server is done with the connection.</summary>
    public Task Serving { get; } = serving;

    public Welcome Welcome { get; private set; } = new();

    /// <summary>All that was received, also what a test has passed over.</summary>
    public IReadOnlyList<ServerMessage> Received => _received;

    public static Hello AsGameServer(string name = "eu-1") => new() { GameServer = new GameServerCredentials { Name = name, Secret = Secret } };

    public static Hello AsPlayer(string userId) => new() { PlayerToken = $"token-of-{userId}" };

    public async Task<ServerMessage> HelloAsync(Hello hello)
    {
        await SendAsync(new ClientMessage { Hello = hello });
        var answer = await NextAsync();
        if (answer.BodyCase == ServerMessage.BodyOneofCase.Welcome)
            Welcome = answer.Welcome;
        return answer;
    }

    /// <summary>Sends a request under the next number and returns that.</summary>
    public async Task<ulong> RequestAsync(ClientMessage message)
    {
        if (message.Request == 0)
            message.Request = ++_request;
        await SendAsync(message);
        return message.Request;
    }

    /// <summary>Sends a request and waits for its answer.</summary>
    public async Task<ServerMessage> AskAsync(ClientMessage message) => await AnswerAsync(await RequestAsync(message));

    public Task<ServerMessage> AnswerAsync(ulong request) => NextAsync(message => message.Request == request);

    public async Task<ulong> CommitAsync(params Mutation[] mutations)
    {
        var answer = await AskAsync(Requests.Unit(mutations));
        answer.BodyCase.ShouldBe(ServerMessage.BodyOneofCase.UnitCommitted, answer.ToString());
        return answer.UnitCommitted.Versions[0];
    }

    public async Task<SessionOpened> OpenAsync(string id, Action<OpenSession>? with = null)
    {
        var answer = await AskAsync(Requests.Open(id, with));
        answer.BodyCase.ShouldBe(ServerMessage.BodyOneofCase.SessionOpened, answer.ToString());
        return answer.SessionOpened;
    }

    public async Task<Error> RefusedAsync(ClientMessage message)
    {
        var answer = await AskAsync(message);
        answer.BodyCase.ShouldBe(ServerMessage.BodyOneofCase.Error, answer.ToString());
        return answer.Error;
    }

    /// <summary>Waits until everything that was sent before has been handled.</summary>
    public async Task<IReadOnlyList<ServerMessage>> SettleAsync(ulong token = 4711)
    {
        await SendAsync(new ClientMessage { Ping = new Ping { Token = token } });
        await NextAsync(message => message.Pong?.Token == token);
        return Received;
    }

    public Task SendAsync(params ClientMessage[] messages)
    {
        var frame = new ClientFrame();
        frame.Messages.AddRange(messages);
        return SendRawAsync(frame.ToByteArray());
    }

    public async Task SendRawAsync(ReadOnlyMemory<byte> frame) => await duplex.SendAsync(frame, CancellationToken.None).AsTask().WaitAsync(Patience);

    /// <summary>The next message for which the condition holds; those before it are passed over.</summary>
    public async Task<ServerMessage> NextAsync(Predicate<ServerMessage>? wanted = null)
    {
        while (true)
        {
            while (_unread.TryDequeue(out var message))
            {
                if (wanted is null || wanted(message))
                    return message;
            }

            if (!await ReceiveAsync())
                throw new IOException($"The server has closed; it sent: {string.Join("\n", _received)}");
        }
    }

    /// <summary>Reads until the server closes.</summary>
    public async Task<IReadOnlyList<ServerMessage>> UntilClosedAsync()
    {
        while (await ReceiveAsync())
        {
        }

        return _received;
    }

    public void Break() => ((InProcessDuplex)duplex).Break();

    public async Task CloseAsync()
    {
        await duplex.CloseAsync("bye", CancellationToken.None);
        await Serving.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await duplex.DisposeAsync();
        await Serving.WaitAsync(Patience);
    }

    private async Task<bool> ReceiveAsync()
    {
        ReadOnlyMemory<byte>? frame;
        try
        {
            frame = await duplex.ReceiveAsync(CancellationToken.None).AsTask().WaitAsync(Patience);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"Nothing comes; received so far: {string.Join("\n", _received)}", exception);
        }

        if (frame is null)
            return false;
        foreach (var message in ServerFrame.Parser.ParseFrom(frame.Value.Span).Messages)
        {
            _received.Add(message);
            _unread.Enqueue(message);
        }

        return true;
    }
}
