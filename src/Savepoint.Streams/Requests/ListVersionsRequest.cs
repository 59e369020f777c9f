using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Outgoing;
using VersionPosition = Savepoint.Engine.Reading.VersionPosition;

namespace Savepoint.Streams.Requests;

/// <summary>A listing of versions on its way through the engine.</summary>
internal sealed class ListVersionsRequest(StreamConnection connection, long request) : VersionListing
{
    public static ListVersionsRequest Create(StreamConnection connection, long request, EntityKey key, ListVersions list) => new(connection, request)
    {
        Key = key,
        FromVersion = (long)list.FromVersion,
        ToVersion = (long)list.ToVersion,
        From = list.HasFromUnixMs ? DateTimeOffset.FromUnixTimeMilliseconds(list.FromUnixMs) : null,
        Until = list.HasUntilUnixMs ? DateTimeOffset.FromUnixTimeMilliseconds(list.UntilUnixMs) : null,
        IsOldestFirst = list.OldestFirst,
        Limit = list.Limit == 0 ? DefaultLimit : (int)list.Limit,
        Position = list.Position is { } position ? new VersionPosition((long)position.Version, (long)position.Sequence) : default,
    };

    protected override void Completed(VersionPage? page, Refusal? refusal)
    {
        var answer = new ServerMessage { Request = (ulong)request };
        var versions = page is null ? null : ServerMessages.Versions(page);
        lock (connection.Outbox.Gate)
        {
            if (versions is not null && !connection.Outbox.HasRoomForAnswer(versions.CalculateSize()))
                refusal = new Refusal(RefusalCode.Overloaded) { Detail = "the client reads too slowly" };
            if (refusal is null)
                answer.VersionList = versions;
            else
                answer.Error = RequestErrors.From(refusal, connection.Principal, Key);
            connection.Outbox.Answer(answer);
        }

        connection.Services.Metrics.Answered(refusal is null ? StreamMetrics.Ok : RequestErrors.CountedAs(refusal));
    }
}
