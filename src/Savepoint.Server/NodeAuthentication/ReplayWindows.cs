namespace Savepoint.Server.NodeAuthentication;

/// <summary>
/// Remembers which calls have come, per caller: the highest number and a bit for each of the 65,536 below. A caller that counts needs no list of nonces,
/// so the memory has a bound (8 KiB a caller) that no load can fill. What lies below the bits counts as seen.
/// </summary>
/// <param name="keepFor">How long a caller is remembered after its last call: as long as one of its calls could be accepted.</param>
internal sealed class ReplayWindows(TimeSpan keepFor)
{
    /// <summary>How far a call may be overtaken by later ones.</summary>
    public const int Width = 1 << 16;

    /// <summary>The most callers; one more is refused.</summary>
    public const int MaxCallers = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Window> _windows = [];

    /// <summary>Takes note of a call.</summary>
    /// <returns>Genuine if it is new, Repeated if not, Unable if there is no room for the caller.</returns>
    public NodeVerdict Take(Guid caller, long number, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_windows.TryGetValue(caller, out var window))
            {
                Forget(now);
                if (_windows.Count >= MaxCallers)
                    return NodeVerdict.Unable;
                _windows.Add(caller, window = new Window());
            }

            if (!window.TryTake(number))
                return NodeVerdict.Repeated;
            window.LastAt = now;
            return NodeVerdict.Genuine;
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (caller, window) in _windows)
        {
            if (now - window.LastAt > keepFor)
                _windows.Remove(caller);
        }
    }

    private sealed class Window
    {
        private readonly ulong[] _seen = new ulong[Width / 64];
        private long _highest;

        public DateTimeOffset LastAt { get; set; }

        public bool TryTake(long number)
        {
            if (number <= 0 || number <= _highest - Width)
                return false;
            if (number > _highest)
                Advance(number);
            ref var word = ref _seen[number % Width / 64];
            var bit = 1UL << (int)(number % 64);
            if ((word & bit) != 0)
                return false;
            word |= bit;
            return true;
        }

        private void Advance(long number)
        {
            if (number - _highest >= Width)
                Array.Clear(_seen);
            for (var passed = Math.Max(_highest + 1, number - Width + 1); passed <= number; passed++)
                _seen[passed % Width / 64] &= ~(1UL << (int)(passed % 64));
            _highest = number;
        }
    }
}
