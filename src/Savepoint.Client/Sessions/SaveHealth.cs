namespace Savepoint.Client;

/// <summary>
/// The critical state: saves keep failing. It begins with the fifth failure within 120 seconds and ends with the first save that succeeds.
/// </summary>
internal sealed class SaveHealth(TimeProvider time)
{
    private const int Failures = 5;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(120);

    private readonly Queue<long> _failures = new();
    private volatile bool _isCritical;

    /// <summary>Whether saves keep failing.</summary>
    public bool IsCritical => _isCritical;

    /// <summary>Raised when it begins and ends.</summary>
    public event Action<bool>? Changed;

    public void Failed()
    {
        lock (_failures)
        {
            var now = time.GetTimestamp();
            _failures.Enqueue(now);
            while (time.GetElapsedTime(_failures.Peek(), now) > Window)
                _failures.Dequeue();
            if (_isCritical || _failures.Count < Failures)
                return;
            _isCritical = true;
        }
        Changed?.Invoke(true);
    }

    public void Succeeded()
    {
        lock (_failures)
        {
            _failures.Clear();
            if (!_isCritical)
                return;
            _isCritical = false;
        }
        Changed?.Invoke(false);
    }
}
