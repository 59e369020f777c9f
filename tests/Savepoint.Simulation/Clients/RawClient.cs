using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>
/// A client that numbers its requests and sends each blindly again, to whichever node, until it has an answer that settles it; several requests may be on
/// their way at once.
/// </summary>
internal sealed class RawClient
{
    private readonly SimulationContext _run;
    private readonly Lock _gate = new();
    private readonly SortedSet<long> _open = [];
    private readonly Dictionary<EntityKey, Node> _owners = [];
    private long _last;

    public RawClient(SimulationContext run, string name)
    {
        (_run, Name) = (run, name);
        Process = run.World.NewProcess(name);
        Random = run.World.NewRandom();
        Writer = run.NewGuid();
    }

    public string Name { get; }

    public SimulatedProcess Process { get; }

    public Random Random { get; }

    public Guid Writer { get; }

    public History History => _run.History;

    /// <summary>Up to where all outcomes have been received.</summary>
    public long ReceivedThrough
    {
        get
        {
            lock (_gate)
                return _open.Count == 0 ? _last : _open.Min - 1;
        }
    }

    /// <summary>Gives out the number of a request, which is open until <see cref="Close"/>.</summary>
    public long NextRequest()
    {
        lock (_gate)
        {
            _open.Add(++_last);
            return _last;
        }
    }

    /// <summary>The outcome of a request was received.</summary>
    public void Close(long request)
    {
        lock (_gate)
            _open.Remove(request);
    }

    /// <summary>Sends a request until it is settled.</summary>
    public Task<Operation> DoAsync(string name, params Mutation[] mutations) => DoAsync(Begin(name, mutations));

    /// <summary>Makes a request, which <see cref="DoAsync(Operation)"/> sends.</summary>
    public Operation Begin(string name, params Mutation[] mutations) =>
        new() { Writer = Writer, Request = NextRequest(), Mutations = mutations, Name = name };

    /// <summary>Sends a request until it is settled.</summary>
    public async Task<Operation> DoAsync(Operation operation)
    {
        _run.OnOperation();
        History.Send(operation);
        for (var refusals = 0; ;)
        {
            var answer = await SendAsync(operation);
            if (answer is { } settled && Operation.IsFinal(settled.Refusal))
                break;
            if (answer?.Refusal?.Code == RefusalCode.RequestForgotten)
                History.Verdict.Fail("I4", $"{operation} was forgotten before its outcome was received");
            await PauseAsync(answer is null ? 0 : ++refusals);
        }

        Close(operation.Request);
        return operation;
    }

    /// <summary>Reads until there is an answer.</summary>
    public async Task<RawReading> ReadAsync(EntityKey key, long version = 0)
    {
        _run.OnOperation();
        for (var refusals = 0; ;)
        {
            var answer = new Answer<RawReading>();
            var node = OwnerOf(key);
            _run.Wire.Send(node.Process, () => node.Engine.Read(new RawReading(History, node.Name, read => _run.Wire.Send(Process, () => answer.Give(read)))
            {
                Key = key,
                Version = version,
            }));
            _run.GiveUpAfter(this, answer);
            var reading = await answer.Task;
            if (reading is { Refusal: not { IsTransient: true } })
                return reading;
            Doubt(key);
            await PauseAsync(reading is null ? 0 : ++refusals);
        }
    }

    /// <summary>Lists versions until there is an answer.</summary>
    /// <param name="make">Makes the listing for a node, which is named, and for whom it gives its answer to.</param>
    public async Task<RawListing> ListAsync(EntityKey key, Func<string, Action<RawListing>, RawListing> make)
    {
        _run.OnOperation();
        for (var refusals = 0; ;)
        {
            var answer = new Answer<RawListing>();
            var node = OwnerOf(key);
            _run.Wire.Send(node.Process, () => node.Engine.Read(make(node.Name, listed => _run.Wire.Send(Process, () => answer.Give(listed))).Arrived()));
            _run.GiveUpAfter(this, answer);
            var listing = await answer.Task;
            if (listing is { Refusal: not { IsTransient: true } })
                return listing;
            Doubt(key);
            await PauseAsync(listing is null ? 0 : ++refusals);
        }
    }

    /// <summary>The node that it believes to own an entity: it looks again when it is told otherwise, or hears nothing.</summary>
    private Node OwnerOf(in EntityKey key)
    {
        if (!_run.IsShared)
            return _run.Cluster.Current;
        lock (_gate)
        {
            if (!_owners.TryGetValue(key, out var owner) || !owner.Process.IsAlive)
                _owners[key] = owner = _run.Cluster.OwnerOf(key);
            return owner;
        }
    }

    private void Doubt(in EntityKey key)
    {
        lock (_gate)
            _owners.Remove(key);
    }

    /// <summary>Waits before it is sent again: not for long where no answer came, longer after each refusal, as the SDK does.</summary>
    private Task PauseAsync(int refusals) => _run.PauseAsync(this, 5, refusals == 0 ? 50 : 500 * Math.Min(refusals, 8));

    private async Task<(long[] Versions, Refusal? Refusal)?> SendAsync(Operation operation)
    {
        var answer = new Answer<Tuple<long[], Refusal?>>();
        var key = operation.Mutations[0].Key;
        var node = _run.IsShared && Random.Next(8) > 0 ? OwnerOf(key) : _run.Cluster.Choose(Random, key);
        var received = ReceivedThrough;
        _run.Wire.Send(node.Process, () => node.Engine.Submit(new RawUnit(
            operation, received, History, node.Name, Name, (versions, refusal) => _run.Wire.Send(Process, () => answer.Give(Tuple.Create(versions, refusal))))));
        _run.GiveUpAfter(this, answer);
        if (await answer.Task is not { } given)
        {
            Doubt(key);
            return null;
        }

        if (given.Item2 is { IsTransient: true })
            Doubt(key);
        return (given.Item1, given.Item2);
    }
}
