using System.Threading.Tasks.Sources;
using Savepoint.Engine;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;
using Savepoint.Streams.Errors;

namespace Savepoint.Modules.Accounts.Sessions;

/// <summary>
/// Knows the open login sessions by asking the owner of the user's shard each time: whatever ended a session, wherever, its tokens are good for nothing from then on. While
/// the account is at the version that was seen last, that costs one small read.
/// </summary>
internal sealed class AccountLoginSessions(IStateEngine engine, TimeProvider time) : ILoginSessions
{
    private readonly AccountVerdicts _verdicts = new();

    public ValueTask<bool> IsOpenAsync(PlayerToken token, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(token);
        if (token.LoginSession is not { } session)
            return new ValueTask<bool>(true);
        var question = new Question(this, session, _verdicts.Find(token.UserId)) { Key = AccountKind.KeyOf(token.UserId) };
        engine.Read(question);
        return question.AnswerAsync();
    }

    public IDisposable Watch(string userId, string loginSession, Action ended)
    {
        var watch = new LoginSessionWatch(engine, this, new PlayerToken(userId, loginSession, DateTimeOffset.MaxValue), ended, time);
        watch.Start();
        return watch;
    }

    /// <summary>One question to the engine, which always answers. Each request with a token asks one, so it is a single object, and in no list of what may be late.</summary>
    private sealed class Question : EntityReading, IValueTaskSource<bool>
    {
        private readonly AccountLoginSessions _sessions;
        private readonly string _session;
        private readonly AccountVerdict? _known;
        private ManualResetValueTaskSourceCore<bool> _answer;

        public Question(AccountLoginSessions sessions, string session, AccountVerdict? known)
        {
            (_sessions, _session, _known) = (sessions, session, known);
            KnownVersion = known?.Version ?? 0;
            _answer.RunContinuationsAsynchronously = true;
        }

        public ValueTask<bool> AnswerAsync() => new(this, _answer.Version);

        protected override void Completed(in EntitySnapshot snapshot, Refusal? refusal)
        {
            if (refusal is not null)
                _answer.SetException(Unavailable(refusal));
            else
                _answer.SetResult(VerdictOf(snapshot).IsOpen(_session, _sessions.Now));
        }

        private AccountVerdict VerdictOf(in EntitySnapshot snapshot)
        {
            if (snapshot.IsKnown)
                return _known!;
            var verdict = AccountVerdict.Of(snapshot.Version, AccountState.From(AccountEngine.Decode(snapshot.Document)));

            // Tokens are genuine, so there was an account: one that has gone never comes back.
            if (snapshot.Document is not null)
                _sessions._verdicts.Keep(Key.Id, verdict);
            return verdict;
        }

        bool IValueTaskSource<bool>.GetResult(short token) => _answer.GetResult(token);

        ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _answer.GetStatus(token);

        void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _answer.OnCompleted(continuation, state, token, flags);
    }

    private DateTimeOffset Now => time.GetUtcNow();

    private static LoginSessionsUnavailableException Unavailable(Refusal refusal)
    {
        var error = RequestErrors.From(refusal with { Key = default, Detail = null });
        return new LoginSessionsUnavailableException(error.Code, error.Message);
    }
}
