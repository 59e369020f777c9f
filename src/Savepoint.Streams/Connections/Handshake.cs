using Google.Protobuf;
using Savepoint.Protocol;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Errors;

namespace Savepoint.Streams.Connections;

/// <summary>
/// The first exchange of a connection. 1: a frame that begins with Hello arrives in time. 2: its credentials say who it is. 3: the writer that it wants to
/// go on as is its own and has not been away too long; without one it gets a new one. 4: an earlier connection of that writer is ended. 5: Welcome, and the
/// shard map if it is asked for. 6: if it came with a login session, that is watched, and the connection ends with it.
/// </summary>
internal sealed class Handshake(StreamConnection connection, ConnectionTable table, IFrameDuplex duplex)
{
    private StreamServices Services => connection.Services;

    /// <returns>What came with Hello in the first frame, or null when the connection is refused and closing.</returns>
    public async ValueTask<ClientFrame?> RunAsync(CancellationToken cancellationToken)
    {
        if (await ReceiveFirstAsync(cancellationToken) is not { } frame)
            return null;
        if (frame.Messages.Count == 0 || frame.Messages[0].BodyCase != ClientMessage.BodyOneofCase.Hello)
            return Refuse("", ErrorCodes.MalformedFrame, "The first message has to be Hello.");

        var hello = frame.Messages[0].Hello;
        Principal? principal;
        try
        {
            principal = await Services.Credentials.VerifyAsync(hello, cancellationToken);
        }
        catch (LoginSessionsUnavailableException unavailable)
        {
            return Refuse("", RequestErrors.Transient(unavailable.Code, unavailable.Message));
        }

        if (principal is null)
            return Refuse("", ErrorCodes.Unauthenticated, "The credentials are not valid.");
        if (Services.IsDraining)
            return Refuse(RoleOf(principal), ErrorCodes.ShuttingDown, "The server is shutting down.");
        if (!hello.Node.IsEmpty && hello.Node != Services.ShardMaps.Node)
            return Refuse(RoleOf(principal), ErrorCodes.WrongNode, "The connection was meant for another node.");
        if (!TryChooseWriter(hello, principal, out var writer))
            return null;

        connection.Enter(principal, writer);
        table.Add(connection);
        connection.Push(new ServerMessage { Request = frame.Messages[0].Request, Welcome = Welcome(writer) });
        if (hello.ShardMap && principal.Role != PrincipalRole.Player)
            Services.ShardMaps.Begin(connection);
        Services.Metrics.Handshake(RoleOf(principal), StreamMetrics.Ok);
        connection.WatchLogin();
        frame.Messages.RemoveAt(0);
        return frame;
    }

    private async ValueTask<ClientFrame?> ReceiveFirstAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Services.Options.HelloTimeout, Services.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            if (await duplex.ReceiveAsync(either.Token) is not { } bytes)
                return null;
            Services.Metrics.Received(bytes.Length);
            return ClientFrame.Parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return Refuse("", ErrorCodes.MalformedFrame, "The first frame is not a valid message.");
        }
        catch (OperationCanceledException exception) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new IOException("No Hello came in time.", exception);
        }
    }

    private bool TryChooseWriter(Hello hello, Principal principal, out Guid writer)
    {
        writer = default;
        var isSameDatabase = hello.Database.IsEmpty || hello.Database.Equals(IdBytes.Of(Services.Engine.DatabaseId));
        if (hello.Writer.IsEmpty || !isSameDatabase)
        {
            // Another database has never heard of the writer; a new one makes the client ask again for what was open.
            writer = Services.Writers.Issue(principal);
            return true;
        }

        if (hello.Writer.Length != WriterIds.Length)
            return Refuse(RoleOf(principal), ErrorCodes.InvalidRequest, "A writer has 16 bytes.") is not null;
        if (!Services.Writers.IsIssuedTo(principal, hello.Writer.Span))
            return Refuse(RoleOf(principal), ErrorCodes.Forbidden, "The writer was issued to someone else.") is not null;
        if (hello.IdleMs >= Services.Options.WriterResumeWithin.TotalMilliseconds)
            return Refuse(RoleOf(principal), ErrorCodes.WriterExpired, "The writer was away for too long.") is not null;
        writer = IdBytes.Read(hello.Writer);
        return true;
    }

    private Welcome Welcome(Guid writer) => new()
    {
        Writer = IdBytes.Of(writer),
        Database = IdBytes.Of(Services.Engine.DatabaseId),
        SessionLeaseMs = (uint)Services.Options.SessionLease.TotalMilliseconds,
        Window = (uint)Services.Options.Window,
        MaxFrameBytes = (uint)Services.Options.MaxFrameBytes,
        Node = Services.Options.NodeName,
        NodeId = Services.ShardMaps.Node,
    };

    private ClientFrame? Refuse(string role, string code, string message)
    {
        var error = RequestErrors.Of(code, message);
        error.Transient = code == ErrorCodes.ShuttingDown;
        return Refuse(role, error);
    }

    private ClientFrame? Refuse(string role, Error error)
    {
        StreamLog.HandshakeRefused(Services.Logger, error.Code, error.Message);
        Services.Metrics.Handshake(role.Length == 0 ? "unknown" : role, error.Code);
        lock (connection.Outbox.Gate)
        {
            connection.Outbox.Push(new ServerMessage { Error = error });
            connection.Outbox.Close(error.Code);
        }

        return null;
    }

    private static string RoleOf(Principal principal) => principal.Role switch
    {
        PrincipalRole.GameServer => "game_server",
        PrincipalRole.Player => "player",
        PrincipalRole.Service => "service",
        PrincipalRole.Support => "support",
        _ => "admin",
    };
}
