using Savepoint.Streams.Connections;

namespace Savepoint.Streams.Requests;

/// <summary>A connection's unit requests that are not in use. Under its gate.</summary>
internal sealed class UnitRequestPool(StreamConnection connection)
{
    private const int Kept = 1_024;

    private readonly Stack<UnitRequest> _free = new();

    public UnitRequest Take() => _free.TryPop(out var request) ? request : new UnitRequest(connection);

    public void Return(UnitRequest request)
    {
        request.Reset();
        if (_free.Count < Kept)
            _free.Push(request);
    }
}
