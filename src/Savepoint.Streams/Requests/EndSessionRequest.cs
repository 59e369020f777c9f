using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;
using Mutation = Savepoint.Engine.Units.Mutation;
using Unit = Savepoint.Engine.Units.Unit;

namespace Savepoint.Streams.Requests;

/// <summary>The ending of a session, on its way through the engine.</summary>
internal sealed class EndSessionRequest : Unit
{
    private readonly StreamConnection _connection;
    private readonly EntityKey _key;
    private readonly long _session;

    public EndSessionRequest(StreamConnection connection, EntityKey key, long session)
    {
        (_connection, _key, _session) = (connection, key, session);
        Writer = connection.Writer;
        Actor = connection.Principal.Actor;
        Mutations = [new Mutation { Key = key, Kind = MutationKind.EndSession, Session = session }];
    }

    protected override void Completed(Refusal? refusal)
    {
        var answer = new ServerMessage { Request = (ulong)Request };
        lock (_connection.Outbox.Gate)
        {
            if (refusal is null)
            {
                answer.SessionEnded = new SessionEnded { Reason = SessionEnded.Types.Reason.Ended };
                if (_connection.Watches.FindSession(_key) is { } held && held.Session == _session)
                {
                    answer.SessionEnded.Watch = (ulong)held.Number;
                    held.End();
                    _connection.Watches.ReleaseLater(held);
                }
            }
            else
            {
                answer.Error = RequestErrors.From(refusal);
            }

            _connection.Outbox.Answer(answer);
        }

        _connection.Services.Metrics.Answered(refusal is null ? StreamMetrics.Ok : RequestErrors.CountedAs(refusal));
    }
}
