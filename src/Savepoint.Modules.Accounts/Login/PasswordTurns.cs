using Savepoint.Modules.Accounts.Passwords;
using Savepoint.Modules.Accounts.Requests;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>
/// Lets the passwords of one name be tried one after the other, each until what it is for is done: an attempt counts as wrong until then, so that many right ones at once would
/// lock the name. Over nodes there may be one at each. Who waits here takes no place in the queue of the threads, and of one name no more wait than half of what is allowed of all: however
/// many try one name, others are served.
/// </summary>
internal sealed class PasswordTurns
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly AccountsOptions _options;
    private readonly AccountMetrics _metrics;
    private readonly TimeProvider _time;
    private int _waiting;

    public PasswordTurns(AccountsOptions options, PasswordThreads threads, AccountMetrics metrics, TimeProvider time)
    {
        (_options, _metrics, _time) = (options, metrics, time);
        metrics.ObserveQueue(() => threads.Waiting + Waiting);
    }

    /// <summary>How many wait for their turn, of all names.</summary>
    internal int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Waits for the turn of a name.</summary>
    /// <returns>The turn, which ends when it is disposed.</returns>
    /// <exception cref="Hosting.Problems.ProblemException">Too many wait, or it took too long (<see cref="AccountCodes.Busy"/>).</exception>
    public async Task<IDisposable> TakeAsync(string name, CancellationToken cancellationToken)
    {
        var (line, isFree) = Join(name);
        if (isFree)
            return new Turn(this, name, line);
        using var late = new CancellationTokenSource(MaxWait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            await line.Free.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                _waiting--;
                Leave(name, line);
            }

            cancellationToken.ThrowIfCancellationRequested();
            _metrics.QueueFull();
            throw AccountProblems.Busy();
        }

        lock (_gate)
            _waiting--;
        return new Turn(this, name, line);
    }

    private (Line Line, bool IsFree) Join(string name)
    {
        lock (_gate)
        {
            if (!_lines.TryGetValue(name, out var line))
                _lines[name] = line = new Line();
            if (line.Free.Wait(0, CancellationToken.None))
            {
                line.Length++;
                return (line, true);
            }

            // Of those of the line, one has its turn.
            if (_waiting < _options.PasswordQueue && line.Length <= Math.Max(1, _options.PasswordQueue / 2))
            {
                (line.Length, _waiting) = (line.Length + 1, _waiting + 1);
                return (line, false);
            }
        }

        _metrics.QueueFull();
        throw AccountProblems.Busy();
    }

    private void Leave(string name, Line line)
    {
        if (--line.Length == 0)
            _lines.Remove(name);
    }

    /// <summary>Those of one name: the one whose turn it is, and who waits.</summary>
    private sealed class Line
    {
        public SemaphoreSlim Free { get; } = new(1);

        public int Length { get; set; }
    }

    private sealed class Turn(PasswordTurns turns, string name, Line line) : IDisposable
    {
        public void Dispose()
        {
            lock (turns._gate)
            {
                line.Free.Release();
                turns.Leave(name, line);
            }
        }
    }
}
