using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Protocol;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Incoming;
using Savepoint.Streams.Requests;
using Savepoint.Streams.Sessions;
using Savepoint.Streams.Watching;
using BatchPart = Savepoint.Engine.Units.BatchPart;
using MutationKind = Savepoint.Engine.Units.MutationKind;
using VersionPosition = Savepoint.Protocol.Messages.VersionPosition;

namespace Savepoint.Streams.Connections;

/// <summary>Checks a connection's requests and hands them to the engine. Whatever is wrong with one is answered to that one.</summary>
internal sealed class RequestDispatcher(StreamConnection connection)
{
    private readonly UnitParser _units = new(connection.Services.Kinds, connection.Services.Options);
    private long _receivedThrough;
    private bool _hasNotedMismatch;

    private StreamServices Services => connection.Services;

    /// <summary>The client has the answers to its requests up to this one.</summary>
    public void ReceivedThrough(ulong request)
    {
        // A number that goes back is an older frame's; outcomes that were forgotten stay so.
        if (request <= BatchPart.MaxRequest)
            _receivedThrough = Math.Max(_receivedThrough, (long)request);
    }

    public void Unit(ulong request, ReadOnlySpan<byte> content)
    {
        if (!TryBegin(request))
            return;

        UnitRequest unit;
        lock (connection.Outbox.Gate)
            unit = connection.Units.Take();
        unit.Begin((long)request, _receivedThrough, content);
        var error = _units.Parse(unit) is { } problem ? RequestErrors.Of(ErrorCodes.InvalidRequest, problem) : Forbidden(unit.Mutations);
        if (error is null)
        {
            unit.Reason = UnitReason.Of(connection.Principal, unit.Reason, unit.Mutations);
            Services.Engine.Submit(unit);
            return;
        }

        Refuse(request, error);
        lock (connection.Outbox.Gate)
            connection.Units.Return(unit);
    }

    /// <summary>Each part goes its own way; what is wrong with one is its own result.</summary>
    public void Batch(ulong request, ReadOnlySpan<byte> content)
    {
        if (!TryBegin(request))
            return;

        var batch = new BatchRequest(connection, (long)request, _receivedThrough, content);
        if (_units.Parse(batch) is { } problem)
        {
            Refuse(request, RequestErrors.Of(ErrorCodes.InvalidRequest, problem));
            return;
        }

        batch.Begin();
        foreach (var part in batch.Parts)
        {
            var error = part.Problem is { } wrong ? RequestErrors.Of(ErrorCodes.InvalidRequest, $"The part is not valid: {wrong}") : Forbidden(part.Mutations);
            if (error is not null)
            {
                part.Refuse(error);
                continue;
            }

            part.Reason = UnitReason.Of(connection.Principal, part.Reason, part.Mutations);
            Services.Engine.Submit(part);
        }

        batch.End();
    }

    public void Dispatch(ClientMessage message)
    {
        if (!TryBegin(message.Request))
            return;

        var error = message.BodyCase switch
        {
            ClientMessage.BodyOneofCase.Get => Get((long)message.Request, message.Get),
            ClientMessage.BodyOneofCase.ListVersions => ListVersions((long)message.Request, message.ListVersions),
            ClientMessage.BodyOneofCase.Watch => Watch((long)message.Request, message.Watch),
            ClientMessage.BodyOneofCase.Unwatch => Unwatch((long)message.Request, message.Unwatch),
            ClientMessage.BodyOneofCase.OpenSession => OpenSession((long)message.Request, message.OpenSession),
            ClientMessage.BodyOneofCase.EndSession => EndSession((long)message.Request, message.EndSession),
            _ => RequestErrors.Of(ErrorCodes.UnknownMessage, "This server does not know messages of this type."),
        };
        if (error is not null)
            Refuse(message.Request, error);
    }

    private Error? Get(long request, Get get)
    {
        if (!IsNumber(get.Version))
            return OutOfRange("version");
        var key = new EntityKey(get.Kind, get.Id);
        var denied = get.Version == 0 ? Services.Authorizer.Read(connection.Principal, key) : Services.Authorizer.ReadHistory(connection.Principal, key);
        if (denied is { } denial)
            return RequestErrors.From(denial, key);
        NoteMismatch(key, get.MismatchVersion);
        Services.Engine.Read(new GetRequest(connection, request, Services.Authorizer.Visible(connection.Principal, key)) { Key = key, Version = (long)get.Version });
        return null;
    }

    private Error? ListVersions(long request, ListVersions list)
    {
        var position = list.Position ?? new VersionPosition();
        if (!IsNumber(list.FromVersion) || !IsNumber(list.ToVersion))
            return OutOfRange("from_version or to_version");
        if (!IsNumber(position.Version) || !IsNumber(position.Sequence))
            return OutOfRange("position");
        if (list.Limit > VersionListing.MaxLimit)
            return OutOfRange("limit");
        if (!IsTime(list.FromUnixMs) || !IsTime(list.UntilUnixMs))
            return OutOfRange("from_unix_ms or until_unix_ms");
        var key = new EntityKey(list.Kind, list.Id);
        if (Services.Authorizer.ReadHistory(connection.Principal, key) is { } denial)
            return RequestErrors.From(denial, key);
        Services.Engine.Read(ListVersionsRequest.Create(connection, request, key, list));
        return null;
    }

    private Error? Watch(long request, Watch watch)
    {
        if (!IsNumber(watch.FromVersion))
            return OutOfRange("from_version");
        var coalesce = watch.HasCoalesceMs ? TimeSpan.FromMilliseconds(watch.CoalesceMs) : Services.Options.DefaultCoalesce;
        if (coalesce > Services.Options.MaxCoalesce)
            return OutOfRange("coalesce_ms");
        var key = new EntityKey(watch.Kind, watch.Id);
        if (Services.Authorizer.Read(connection.Principal, key) is { } denial)
            return RequestErrors.From(denial, key);
        NoteMismatch(key, watch.MismatchVersion);
        return Add(new EntityWatch(connection, request, key, coalesce, (long)watch.FromVersion));
    }

    /// <summary>The client's copy was other than it should be: that is a fault, of the client, the network or the server.</summary>
    private void NoteMismatch(EntityKey key, ulong version)
    {
        if (version == 0)
            return;
        Services.Metrics.ChecksumMismatch();

        // The first of a connection is enough to look into; a client may say so as often as it likes.
        if (_hasNotedMismatch)
            return;
        _hasNotedMismatch = true;
        StreamLog.ChecksumMismatch(Services.Logger, connection.Principal.Actor, key, version);
    }

    private Error? Unwatch(long request, Unwatch unwatch)
    {
        // A watch that is gone already is no error: it may have ended while the request was on its way.
        ClientWatch? watch;
        lock (connection.Outbox.Gate)
        {
            watch = IsNumber(unwatch.Watch) ? connection.Watches.Find((long)unwatch.Watch) : null;
            if (watch is ClientSession)
                return RequestErrors.Of(ErrorCodes.InvalidRequest, "A session is ended by EndSession.");
            watch?.End();
            connection.Outbox.Answer(new ServerMessage { Request = (ulong)request, Unwatched = new Unwatched() });
        }

        Services.Metrics.Answered(StreamMetrics.Ok);
        watch?.Release();
        return null;
    }

    private Error? OpenSession(long request, OpenSession open)
    {
        if (!IsNumber(open.Resume) || !IsNumber(open.FromVersion))
            return OutOfRange("resume or from_version");
        if (!Enum.IsDefined(open.Policy))
            return OutOfRange("policy");
        var key = new EntityKey(open.Kind, open.Id);
        if (Services.Authorizer.OpenSession(connection.Principal, key, open.Template.Span) is { } denial)
            return RequestErrors.From(denial, key);
        if (Services.Templates.Declare(connection, open) is { } mismatch)
            return mismatch;
        if (!Services.IsDraining || open.Resume != 0)
            return Add(new ClientSession(connection, request, Math.Min(_receivedThrough, request - 1), key, open));

        lock (connection.Outbox.Gate)
        {
            var answer = ClientSession.ShuttingDown();
            answer.Request = (ulong)request;
            connection.Outbox.Answer(answer);
        }

        Services.Metrics.Answered(StreamMetrics.Ok);
        return null;
    }

    private Error? EndSession(long request, EndSession end)
    {
        if (!IsNumber(end.Session) || end.Session == 0)
            return OutOfRange("session");
        var unit = new EndSessionRequest(connection, new EntityKey(end.Kind, end.Id), (long)end.Session) { Request = request, ReceivedThrough = _receivedThrough };
        if (Forbidden(unit.Mutations) is { } error)
            return error;
        Services.Engine.Submit(unit);
        return null;
    }

    private Error? Add(ClientWatch watch)
    {
        var limit = connection.Principal.Role == PrincipalRole.Player ? Services.Options.MaxWatchesPerPlayer : Services.Options.MaxWatchesPerGameServer;
        lock (connection.Outbox.Gate)
        {
            if (connection.Watches.Contains(watch.Number))
                return RequestErrors.Of(ErrorCodes.RequestReused, "This request began a watch that is still on.");
            if (connection.Watches.Count >= limit)
                return RequestErrors.Overloaded($"A connection may have {limit} watches and sessions.");
            connection.Watches.Add(watch);
        }

        watch.Join();
        return null;
    }

    private Error? Forbidden(Engine.Units.Mutation[] mutations)
    {
        for (var i = 0; i < mutations.Length; i++)
        {
            if (Services.Authorizer.Submit(connection.Principal, mutations[i]) is { } denial)
                return RequestErrors.From(denial, mutations[i].Key, i);
        }

        return null;
    }

    private bool TryBegin(ulong request)
    {
        Error error;
        if (request is 0 or > BatchPart.MaxRequest)
        {
            error = RequestErrors.Of(ErrorCodes.InvalidRequest, "Requests are numbered from 1.");
        }
        else
        {
            lock (connection.Outbox.Gate)
            {
                if (connection.Outbox.TryBegin())
                    return true;
            }

            error = RequestErrors.Overloaded($"{Services.Options.Window} requests are unanswered, which is the most.");
        }

        connection.Push(new ServerMessage { Request = request, Error = error });
        Services.Metrics.Answered(error.Code);
        return false;
    }

    private void Refuse(ulong request, Error error)
    {
        lock (connection.Outbox.Gate)
            connection.Outbox.Answer(new ServerMessage { Request = request, Error = error });
        Services.Metrics.Answered(error.Code);
    }

    private static bool IsNumber(ulong value) => value <= long.MaxValue;

    private static bool IsTime(long unixMs) =>
        unixMs >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && unixMs <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static Error OutOfRange(string field) => RequestErrors.Of(ErrorCodes.InvalidRequest, $"The field {field} is out of range.");
}
