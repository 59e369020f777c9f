using Savepoint.Hosting.Calls;

namespace Savepoint.Server.Tests.Calls;

public sealed class PendingAnswerTests
{
    [Fact]
    public async Task An_answer_that_is_late_before_anybody_knows_its_place_is_given_up()
    {
        var answer = new PendingAnswer<int>(new PendingAnswers(TimeSpan.FromSeconds(30), new StandstillTime()));
        await Should.ThrowAsync<TimeoutException>(async () => await answer.WaitAsync(CancellationToken.None));
        answer.Set(1);
    }

    /// <summary>The process stands still for an hour between two looks at the clock, and the timer is the first to go on.</summary>
    private sealed class StandstillTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now += 3_600;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            callback(state);
            return new NoTimer();
        }
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
