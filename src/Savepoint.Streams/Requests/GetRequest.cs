using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Authorization;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Outgoing;

namespace Savepoint.Streams.Requests;

/// <summary>A read on its way through the engine.</summary>
internal sealed class GetRequest(StreamConnection connection, long request, PathFilter? visible) : EntityReading
{
    protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
    {
        // Not under the gate: it takes decoding the document.
        var seen = visible is null || snapshot.Document is null ? snapshot : snapshot with { Document = visible.Apply(snapshot.Document) };
        var answer = new ServerMessage { Request = (ulong)request };
        lock (connection.Outbox.Gate)
        {
            if (refusal is null && !connection.Outbox.HasRoomForAnswer(seen.Document?.Length ?? 0))
                refusal = new Refusal(RefusalCode.Overloaded) { Detail = "the client reads too slowly" };
            if (refusal is null)
                answer.Snapshot = ServerMessages.Snapshot(seen);
            else
                answer.Error = RequestErrors.From(refusal, connection.Principal, Key);
            connection.Outbox.Answer(answer);
        }

        connection.Services.Metrics.Answered(refusal is null ? StreamMetrics.Ok : RequestErrors.CountedAs(refusal));
    }
}
