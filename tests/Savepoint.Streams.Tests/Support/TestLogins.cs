using Savepoint.Protocol;
using Savepoint.Streams.Authentication;

namespace Savepoint.Streams.Tests;

/// <summary>Login sessions that are open until a test ends them.</summary>
public sealed class TestLogins : ILoginSessions
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly List<Watch> _watches = [];

    /// <summary>Whether nobody can say which are open.</summary>
    public bool IsUnavailable { get; set; }

    /// <summary>A session that ends right after it was found open; null for none.</summary>
    public string? EndsAfterCheck { get; set; }

    public int Watched
    {
        get
        {
            lock (_gate)
                return _watches.Count;
        }
    }

    public void End(string loginSession)
    {
        List<Watch> told;
        lock (_gate)
        {
            _ended.Add(loginSession);
            told = _watches.FindAll(watch => watch.Session == loginSession);
            _watches.RemoveAll(told.Contains);
        }

        told.ForEach(watch => watch.Ended());
    }

    public async ValueTask<bool> IsOpenAsync(PlayerToken token, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (IsUnavailable)
            throw new LoginSessionsUnavailableException(ErrorCodes.Unavailable, "Nobody can say.");
        lock (_gate)
        {
            var isOpen = token.LoginSession is null || !_ended.Contains(token.LoginSession);
            if (isOpen && token.LoginSession == EndsAfterCheck)
                _ended.Add(token.LoginSession!);
            return isOpen;
        }
    }

    IDisposable ILoginSessions.Watch(string userId, string loginSession, Action ended)
    {
        var watch = new Watch(this, loginSession, ended);
        bool isEnded;
        lock (_gate)
        {
            isEnded = _ended.Contains(loginSession);
            if (!isEnded)
                _watches.Add(watch);
        }

        if (isEnded)
            ended();
        return watch;
    }

    private sealed class Watch(TestLogins logins, string session, Action ended) : IDisposable
    {
        public string Session { get; } = session;

        public Action Ended { get; } = ended;

        public void Dispose()
        {
            lock (logins._gate)
                logins._watches.Remove(this);
        }
    }
}
