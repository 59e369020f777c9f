using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Accounts.Sessions;

/// <summary>
/// Watches an account on behalf of one connection, and looks whether the connection's login session is still open: at first, at each change, and whenever the watching
/// had to start over, as when the shard went to another node.
/// </summary>
internal sealed class LoginSessionWatch(IStateEngine engine, AccountLoginSessions sessions, PlayerToken token, Action ended, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Eye? _eye;
    private bool _isOver;

    public void Start()
    {
        var eye = new Eye(this) { Key = AccountKind.KeyOf(token.UserId) };
        lock (_gate)
        {
            if (_isOver || _eye is not null)
                return;
            _eye = eye;
        }

        engine.Watch(eye);
    }

    public void Dispose() => TryEnd();

    /// <summary>The engine calls on its own flow: what takes longer goes on outside of it.</summary>
    private void Look() => _ = LookAsync();

    private void StartOver() => _ = StartOverAsync();

    private async Task LookAsync()
    {
        await Task.Yield();
        try
        {
            if (!await sessions.IsOpenAsync(token, CancellationToken.None) && TryEnd())
                ended();
        }
        catch (LoginSessionsUnavailableException)
        {
            // Nothing is known; the next look may tell. The account may have changed unseen meanwhile, so it is watched anew.
            await StartOverAsync();
        }
    }

    private async Task StartOverAsync()
    {
        await Task.Yield();
        Forget();
        await Task.Delay(Pause, time);
        Start();
    }

    private bool TryEnd()
    {
        lock (_gate)
        {
            if (_isOver)
                return false;
            _isOver = true;
        }

        Forget();
        return true;
    }

    private void Forget()
    {
        Eye? eye;
        lock (_gate)
            (eye, _eye) = (_eye, null);
        if (eye is not null)
            engine.Unwatch(eye);
    }

    private bool IsPresent(Eye eye)
    {
        lock (_gate)
            return _eye == eye && !_isOver;
    }

    private sealed class Eye(LoginSessionWatch watch) : Watcher
    {
        protected override void OnStarted(in EntitySnapshot snapshot, Refusal? refusal)
        {
            if (!watch.IsPresent(this))
                return;
            if (refusal is null)
                watch.Look();
            else
                watch.StartOver();
        }

        protected override void OnChange(in EntityChange change)
        {
            if (watch.IsPresent(this))
                watch.Look();
        }

        protected override void OnLost()
        {
            if (watch.IsPresent(this))
                watch.StartOver();
        }
    }
}
