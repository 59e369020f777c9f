using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Protocol.Messages;
using Savepoint.Streams.Connections;
using Savepoint.Streams.Errors;
using Savepoint.Streams.Sessions;
using Mutation = Savepoint.Engine.Units.Mutation;
using Unit = Savepoint.Engine.Units.Unit;

namespace Savepoint.Streams.Requests;

/// <summary>The ending of a session, on its way through the engine.</summary>
internal sealed class EndSessionRequest : Unit
{
    private readonly StreamConnection _connection;

    // Looked up before the engine has it: that may let go of the session before it answers.
    private readonly ClientSession? _held;

    public EndSessionRequest(StreamConnection connection, EntityKey key, long session)
    {
        _connection = connection;
        lock (connection.Outbox.Gate)
            _held = connection.Watches.FindSession(key) is { } held && held.Session == session ? held : null;
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
                if (_held is not null)
                {
                    answer.SessionEnded.Watch = (ulong)_held.Number;
                    if (!_held.IsEnded)
                    {
                        _held.End();
                        _connection.Watches.ReleaseLater(_held);
                    }
                }
            }
            else
            {
                answer.Error = RequestErrors.From(refusal, _connection.Principal);
            }

            _connection.Outbox.Answer(answer);
        }

        _connection.Services.Metrics.Answered(refusal is null ? StreamMetrics.Ok : RequestErrors.CountedAs(refusal));
    }
}
