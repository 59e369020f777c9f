using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Postgres.Connections;

/// <summary>
/// How reads, and writes that do nothing the second time, are tried again. Not appends, whose outcome only the engine can find out; nor checkpoints, which
/// it tries again itself, in its own order and for as long as it takes.
/// </summary>
internal static class ReadResilience
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);

    // Half of at least eight attempts within ten seconds: one lost connection of a pool says little, all of them say that the server is gone.
    private const double FailureRatio = 0.5;
    private const int MinThroughput = 8;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static ResiliencePipeline Make(PostgresStoreOptions options, TimeProvider time)
    {
        var passing = new PredicateBuilder().Handle<StoreException>(failure => failure.IsTransient);
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (options.ReadRetries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = passing,
                MaxRetryAttempts = options.ReadRetries,
                Delay = FirstPause,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            });
        }

        return builder
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<StoreException>(failure => failure.IsTransient && !PostgresErrors.IsPoolUsedUp(failure.InnerException)),
                FailureRatio = FailureRatio,
                MinimumThroughput = MinThroughput,
                SamplingDuration = Window,
                BreakDuration = options.BreakDuration,
            })
            .Build();
    }
}
