using Savepoint.Cluster.Peers.Links;
using Savepoint.Cluster.Peers.Wire;
using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Peers;

namespace Savepoint.Cluster.Peers.Serving;

/// <summary>Another node's link, as the owner of shards serves it. The holders of sessions that came over it are connected as long as it lives.</summary>
internal sealed class ServedLink(PeerHost host)
{
    private readonly Lock _gate = new();
    private readonly PeerChannel _channel = new(host.Options, host.Time);
    private readonly SortedDictionary<ulong, Watcher> _watchers = [];

    private StateEngine Engine => host.Engine;

    /// <summary>Serves the link until it ends. Throws nothing.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<string> RunAsync(IFrameDuplex duplex)
    {
        var reason = await _channel.RunAsync(duplex, Receive);
        List<Watcher> left;
        lock (_gate)
        {
            left = [.. _watchers.Values];
            _watchers.Clear();
        }

        foreach (var watcher in left)
            LetGo(watcher);
        return reason;
    }

    public void Break(string reason) => _channel.Break(reason);

    /// <summary>Answers a request, or tells something small.</summary>
    public void Send(ulong id, PeerMessage message, bool isUrgent = false)
    {
        message.Id = id;
        if (!_channel.Outbox.TryAdd(message, host.Options.MaxQueuedBytes * 2L, isUrgent))
            Break("The other node reads too slowly.");
    }

    /// <summary>Answers a request with something that may be large.</summary>
    /// <returns>Whether there was room for it.</returns>
    public bool TrySend(ulong id, PeerMessage message)
    {
        message.Id = id;
        return _channel.Outbox.TryAdd(message, host.Options.MaxQueuedBytes);
    }

    /// <summary>Passes a change on.</summary>
    /// <returns>Whether there was room for it.</returns>
    public bool TrySendChange(ulong id, in EntityChange change) =>
        _channel.Outbox.HasRoomFor(change.Delta.Length, host.Options.MaxQueuedChangeBytes)
        && _channel.Outbox.TryAdd(new PeerMessage { Id = id, Change = WireWatches.Of(change) }, host.Options.MaxQueuedChangeBytes);

    /// <summary>Refuses a request; where another node owns the shard, with what is known of it.</summary>
    public void Refuse(ulong id, Refusal refusal) => Refuse(id, refusal, refusal.Key.Kind is null ? -1 : Engine.ShardOf(refusal.Key));

    /// <summary>Refuses a request for a shard.</summary>
    public void Refuse(ulong id, Refusal refusal, int shard)
    {
        var sent = WireRefusals.Of(refusal);
        if (refusal.Code == RefusalCode.NotOwner)
            AddOwner(sent, shard);
        Send(id, new PeerMessage { Refusal = sent });
    }

    public void RefuseAsFull(ulong id) =>
        Refuse(id, new Refusal(RefusalCode.Overloaded) { Detail = "too much waits for the node that asks", RetryAfter = TimeSpan.FromMilliseconds(100) });

    /// <summary>Forgets a watcher of which nothing more comes.</summary>
    public bool Forget(ulong id)
    {
        lock (_gate)
            return _watchers.Remove(id);
    }

    /// <summary>Too much waits: the watch begins again later. The engine may be in the midst of telling, and is left soon.</summary>
    public void Lose(ulong id, Watcher watcher)
    {
        if (!Forget(id))
            return;
        Send(id, new PeerMessage { Lost = new PeerLost() });
        _ = LetGoSoonAsync(watcher);
    }

    /// <summary>Forgets a watcher whose beginning could not be told, and lets the engine go of it soon.</summary>
    public void GiveUp(ulong id, Watcher watcher)
    {
        if (!Forget(id))
            return;
        RefuseAsFull(id);
        _ = LetGoSoonAsync(watcher);
    }

    private void Receive(PeerMessage message)
    {
        try
        {
            Dispatch(message);
        }
        catch (InvalidDataException problem) when (message.Id != 0)
        {
            // Of a version that is not known, or a fault of the other node: refused rather than guessed at, and others go on.
            Forget(message.Id);
            Refuse(message.Id, new Refusal(RefusalCode.InvalidRequest) { Detail = problem.Message });
        }
    }

    private void Dispatch(PeerMessage message)
    {
        switch (message.BodyCase)
        {
            case PeerMessage.BodyOneofCase.Unit:
                var unit = new ServedUnit(this, message.Id);
                WireUnits.Read(message.Unit, unit);
                Engine.Submit(unit);
                break;
            case PeerMessage.BodyOneofCase.Reading:
                var reading = message.Reading;
                Engine.Read(new ServedReading(this, message.Id)
                {
                    Key = new EntityKey(reading.Kind, reading.Id),
                    Version = reading.Version,
                    WithSupplement = reading.Supplement,
                });
                break;
            case PeerMessage.BodyOneofCase.Listing:
                Engine.Read(ServedListing.Create(this, message.Id, message.Listing));
                break;
            case PeerMessage.BodyOneofCase.Scan:
                Engine.Read(ServedScan.Create(this, message.Id, message.Scan));
                break;
            case PeerMessage.BodyOneofCase.Watch:
                var watch = message.Watch;
                var watcher = new ServedWatcher(this, message.Id) { Key = new EntityKey(watch.Kind, watch.Id), FromVersion = watch.FromVersion };
                Add(message.Id, watcher);
                Engine.Watch(watcher);
                break;
            case PeerMessage.BodyOneofCase.Opening:
                Open(message.Id, message.Opening);
                break;
            case PeerMessage.BodyOneofCase.Unwatch:
            case PeerMessage.BodyOneofCase.Disconnect:
                if (Take(message.Id) is { } leaving)
                    LetGo(leaving);
                break;
            case PeerMessage.BodyOneofCase.Probe:
                Probe(message.Id, message.Probe.Shard);
                break;
            case PeerMessage.BodyOneofCase.Call:
                _ = AnswerAsync(message.Id, message.Call);
                break;
            default:
                throw new InvalidDataException("This node does not know messages of this type.");
        }
    }

    private void Open(ulong id, PeerOpening opening)
    {
        // The other node has asked again over its next link: this copy would take that one's place, and go with this link.
        if (_channel.IsBroken)
            return;
        SessionHolder? former;
        lock (_gate)
            former = _watchers.GetValueOrDefault(opening.Replaces) as SessionHolder;
        var holder = ServedHolder.Create(this, id, opening, former);
        Add(id, holder);
        Engine.OpenSession(holder);
    }

    private void Probe(ulong id, int shard)
    {
        if (shard < 0 || shard >= host.Maps.Current.Count)
            throw new InvalidDataException("There is no such shard.");
        if (Engine.RefusalOf(shard) is not { } refusal)
        {
            Send(id, new PeerMessage { Serving = new PeerServing() }, isUrgent: true);
            return;
        }

        var sent = WireRefusals.Of(refusal);
        AddOwner(sent, shard);
        Send(id, new PeerMessage { Refusal = sent }, isUrgent: true);
    }

    private void AddOwner(PeerRefusal sent, int shard)
    {
        var map = host.Maps.Current;
        if (shard < 0 || shard >= map.Count)
            return;
        (sent.Shard, sent.Term) = (shard, map[shard].Term);
        if (map[shard].Node is { } owner)
            sent.Owner = WireValues.Of(owner);
    }

    private async Task AnswerAsync(ulong id, PeerCallRequest call)
    {
        var answer = new PeerCallAnswer();
        try
        {
            if (host.Answers.Find((PeerCall)call.Kind) is { } answers)
                answer.Content = WireValues.Of(await answers(call.Content.Memory, _channel.Ended));
            else
                answer.Failure = $"Nobody answers calls of the kind {call.Kind}.";
        }
#pragma warning disable CA1031 // Whatever it is, the caller has to be told, and others go on.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            answer.Failure = failure.Message;
        }

        Send(id, new PeerMessage { CallAnswer = answer }, isUrgent: true);
    }

    private void Add(ulong id, Watcher watcher)
    {
        lock (_gate)
            _watchers[id] = watcher;
    }

    private Watcher? Take(ulong id)
    {
        lock (_gate)
            return _watchers.Remove(id, out var watcher) ? watcher : null;
    }

    private void LetGo(Watcher watcher)
    {
        if (watcher is SessionHolder holder)
            Engine.Disconnect(holder);
        else
            Engine.Unwatch(watcher);
    }

    private async Task LetGoSoonAsync(Watcher watcher)
    {
        await Task.Yield();
        LetGo(watcher);
    }
}
