using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>
/// What one connection has to send and how much it may. A request is on one lane at a time, and changes to another when its connection is lost. All but the
/// signals is guarded by the pipeline's lock.
/// </summary>
internal sealed class Lane
{
    private Lane() => Node = ByteString.Empty;

    /// <summary>The lane of a connection that was just made.</summary>
    public Lane(Welcome welcome, SavepointClientOptions options)
    {
        Node = welcome.NodeId;
        Window = Math.Max(1, (int)Math.Min((uint)options.Window, welcome.Window == 0 ? uint.MaxValue : welcome.Window));
        MaxFrameBytes = welcome.MaxFrameBytes == 0 ? options.MaxFrameBytes : (int)Math.Min(welcome.MaxFrameBytes, int.MaxValue);
    }

    /// <summary>The node at the other side, as the shard map names it; empty when there is no cluster.</summary>
    public ByteString Node { get; }

    /// <summary>The most requests that the node lets be unanswered.</summary>
    public int Window { get; }

    public int MaxFrameBytes { get; }

    /// <summary>Wakes the sender when there is something to send.</summary>
    public AsyncSignal Work { get; } = new();

    /// <summary>Set when a retiring lane has nothing left to send and no answer to wait for, and when it is closed.</summary>
    public AsyncSignal Idle { get; } = new();

    /// <summary>What has a number and has to be sent once more, before all else.</summary>
    public Queue<PendingRequest> Again { get; } = new();

    /// <summary>What restores what a connection had; goes before what is new.</summary>
    public Queue<PendingRequest> First { get; } = new();

    public Queue<PendingRequest> Queued { get; } = new();

    /// <summary>Requests that were sent here and have no answer, not counting those that may wait long.</summary>
    public int Unanswered { get; set; }

    public bool IsOpen { get; set; }

    /// <summary>Whether it only waits for answers, as the node is going down.</summary>
    public bool IsRetiring { get; set; }

    public bool IsPingDue { get; set; }

    public bool IsIdle => Unanswered == 0 && Again.Count == 0 && First.Count == 0 && Queued.Count == 0;

    /// <summary>Where requests wait when there is no connection.</summary>
    public static Lane WithoutConnection() => new();
}
