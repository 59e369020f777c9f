using Google.Protobuf;
using Savepoint.Protocol.Duplex;
using Savepoint.Protocol.Messages;

namespace Savepoint.Streams.Outgoing;

/// <summary>
/// What waits to be sent to one connection, in order. The engine's flow and the connection's own put messages in, the connection's sender takes
/// frames out. Everything but <see cref="Gate"/> and the signals is used under the gate, which guards all state of the connection; nobody calls the
/// engine while holding it, since the engine calls in with its own locks held.
/// </summary>
internal sealed class Outbox(StreamOptions options)
{
    private const int FirstChunkBytes = 1 << 10;

    private readonly Queue<FrameBuffer> _full = new();
    private FrameBuffer? _open;
    private string? _closeWhenAnswered;

    public Lock Gate { get; } = new();

    /// <summary>Called when the client has read too slowly for too long: the sender may be stuck in a send, and would see it late.</summary>
    public required Action OnTooSlow { get; init; }

    /// <summary>Set when there is something to do for the sender.</summary>
    public AsyncSignal Work { get; } = new();

    /// <summary>Set when there is room again, or never will be.</summary>
    public AsyncSignal Room { get; } = new();

    /// <summary>Bytes that wait, those gathered for watches included.</summary>
    public int QueuedBytes { get; private set; }

    /// <summary>Requests taken in whose answer is not on its way yet.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Bytes of batches that were taken in and have no answer yet.</summary>
    public long HeldBytes { get; private set; }

    /// <summary>As many batches are under way as may be: nothing more is read.</summary>
    public bool HoldsTooMuch => HeldBytes > options.MaxHeldBatchBytes;

    /// <summary>Why nothing more is taken; null while the connection is open.</summary>
    public string? ClosedBecause { get; private set; }

    public bool IsClosed => ClosedBecause is not null;

    /// <summary>The client reads too slowly: changes fold into snapshots, and its requests wait.</summary>
    public bool IsCrowded => QueuedBytes > options.MaxQueuedBytes;

    /// <summary>The client has read nearly everything: documents may be sent again.</summary>
    public bool IsQuiet => !IsClosed && QueuedBytes <= options.MaxQueuedBytes / 2;

    public bool HasRoomFor(int bytes) => QueuedBytes + bytes <= options.MaxQueuedBytes;

    /// <summary>Answers may go over the limit for changes, since their number is bounded; but not so far that the connection has to be closed.</summary>
    public bool HasRoomForAnswer(int bytes) => QueuedBytes + (long)bytes <= options.CloseAboveQueuedBytes / 2;

    /// <summary>Takes a request in.</summary>
    /// <returns>Whether the window had room for it.</returns>
    public bool TryBegin()
    {
        if (Unanswered >= options.Window)
            return false;
        Unanswered++;
        return true;
    }

    /// <summary>Counts what a batch that was taken in keeps in memory, or counts it out with a negative number.</summary>
    public void Hold(int bytes)
    {
        var heldTooMuch = HoldsTooMuch;
        HeldBytes += bytes;
        if (heldTooMuch && !HoldsTooMuch)
            Room.Set();
    }

    /// <summary>Sends something of the server's own accord, or refuses a request that the window had no room for.</summary>
    public void Push(ServerMessage message) => Add(message, isAnswer: false);

    /// <summary>Answers a request that <see cref="TryBegin"/> took in.</summary>
    public void Answer(ServerMessage message) => Add(message, isAnswer: true);

    /// <summary>Makes room at the end for a message that the caller encodes; empty when the connection is closed.</summary>
    public Span<byte> Reserve(int bytes, bool isAnswer)
    {
        if (!IsClosed)
            Gathered(bytes);
        if (IsClosed)
            return [];
        var chunk = ChunkFor(bytes);
        if (isAnswer)
            chunk.Answers++;
        Work.Set();
        return chunk.Append(bytes);
    }

    /// <summary>Counts bytes that a watch gathers, or counts them out with a negative number.</summary>
    public void Gathered(int bytes)
    {
        QueuedBytes += bytes;
        if (QueuedBytes <= options.CloseAboveQueuedBytes)
            return;

        // Sending what waits would keep it in memory for as long as the client likes.
        Close("The client reads too slowly.");
        Clear();
        OnTooSlow();
    }

    /// <summary>Takes the next frame; its sender returns the buffer.</summary>
    public bool TryTake(out FrameBuffer frame)
    {
        if (!_full.TryDequeue(out frame!))
        {
            if (_open is null)
                return false;
            (frame, _open) = (_open, null);
        }

        // Counted before it is sent: the client may have the answer, and send the next request, before the sending has returned.
        Unanswered -= frame.Answers;
        CloseIfAnswered();
        return true;
    }

    /// <summary>A frame has been sent; only now is its room free.</summary>
    public void Sent(int bytes)
    {
        var wasCrowded = IsCrowded;
        QueuedBytes -= bytes;
        if (wasCrowded && !IsCrowded)
            Room.Set();
    }

    /// <summary>Takes nothing more; what waits is still sent.</summary>
    public void Close(string reason)
    {
        ClosedBecause ??= reason;
        Work.Set();
        Room.Set();
    }

    /// <summary>Closes once every request that was taken in has its answer on the way.</summary>
    public void CloseWhenAnswered(string reason)
    {
        _closeWhenAnswered = reason;
        CloseIfAnswered();
    }

    /// <summary>Lets go of everything that waits.</summary>
    public void Clear()
    {
        while (TryTake(out var frame))
        {
            Sent(frame.Length);
            frame.Return();
        }
    }

    private void CloseIfAnswered()
    {
        if (_closeWhenAnswered is not null && Unanswered == 0)
            Close(_closeWhenAnswered);
    }

    private void Add(ServerMessage message, bool isAnswer)
    {
        var length = message.CalculateSize();
        var span = Reserve(WireWriter.SizeOfBlock(length), isAnswer);
        if (span.IsEmpty)
            return;
        new WireWriter(span).Block(ServerMessages.FrameMessages, length);
        message.WriteTo(span[^length..]);
    }

    private FrameBuffer ChunkFor(int bytes)
    {
        if (_open is not null && _open.Length + bytes > options.MaxBatchBytes)
        {
            _full.Enqueue(_open);
            _open = null;
        }

        return _open ??= new FrameBuffer(Math.Max(FirstChunkBytes, bytes));
    }
}
