using Savepoint.Protocol.Duplex;

namespace Savepoint.Testing;

/// <summary>Where a process takes connections.</summary>
public sealed class SimulatedListener
{
    private readonly Action<IFrameDuplex> _accept;
    private volatile bool _isClosed;

    internal SimulatedListener(SimulatedProcess process, Action<IFrameDuplex> accept) => (Process, _accept) = (process, accept);

    /// <summary>Who listens.</summary>
    public SimulatedProcess Process { get; }

    /// <summary>Whether connections are taken: until it is closed or the process dies.</summary>
    public bool IsOpen => !_isClosed && Process.IsAlive;

    /// <summary>Takes connections again.</summary>
    public void Open() => _isClosed = false;

    /// <summary>Takes no more connections; those that there are stay.</summary>
    public void Close() => _isClosed = true;

    // A paused process takes it when it wakes: till then the operating system holds it.
    internal void Accept(IFrameDuplex duplex) => Process.Post(() => _accept(duplex));
}
