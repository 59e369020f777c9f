namespace Savepoint.Client;

/// <summary>
/// The requests of one writer that have a number and no answer, by number. A ring: numbers have no gaps, and answers come roughly in order.
/// </summary>
internal sealed class UnansweredRequests
{
    private PendingRequest?[] _slots = new PendingRequest?[64];
    private int _head;
    private ulong _firstHeldBack = 1;

    /// <summary>The lowest number without an answer: all below it have theirs.</summary>
    public ulong First { get; private set; } = 1;

    /// <summary>Up to where the server may forget outcomes: before the first request without an answer, not counting those that may wait long.</summary>
    public ulong ReceivedThrough
    {
        get
        {
            _firstHeldBack = Math.Max(_firstHeldBack, First);
            while (_firstHeldBack - First < (ulong)Span && this[(int)(_firstHeldBack - First)] is null or { MayWaitLong: true })
                _firstHeldBack++;
            return _firstHeldBack - 1;
        }
    }

    /// <summary>Numbers from <see cref="First"/> to the newest, answered ones among them included.</summary>
    public int Span { get; private set; }

    /// <summary>How many have no answer.</summary>
    public int Count { get; private set; }

    /// <summary>The request at a distance from <see cref="First"/>; null when it was answered.</summary>
    public PendingRequest? this[int offset] => _slots[(_head + offset) & (_slots.Length - 1)];

    /// <summary>Gives a request the next number.</summary>
    public void Add(PendingRequest request)
    {
        if (Span == _slots.Length)
            Grow();
        request.Number = First + (ulong)Span;
        _slots[(_head + Span) & (_slots.Length - 1)] = request;
        Span++;
        Count++;
    }

    public PendingRequest? Find(ulong number) => number >= First && number - First < (ulong)Span ? this[(int)(number - First)] : null;

    /// <summary>Takes an answered request out; null when there is none of the number, or it was answered before.</summary>
    public PendingRequest? Remove(ulong number)
    {
        var request = Find(number);
        if (request is null)
            return null;
        _slots[(_head + (int)(number - First)) & (_slots.Length - 1)] = null;
        Count--;
        while (Span > 0 && this[0] is null)
        {
            _head = (_head + 1) & (_slots.Length - 1);
            First++;
            Span--;
        }
        return request;
    }

    /// <summary>Takes all out and starts again at 1, for a new writer.</summary>
    public List<PendingRequest> RemoveAll()
    {
        var all = new List<PendingRequest>(Count);
        for (var i = 0; i < Span; i++)
        {
            if (this[i] is { } request)
                all.Add(request);
        }
        Array.Clear(_slots, 0, _slots.Length);
        (First, Span, Count, _head, _firstHeldBack) = (1, 0, 0, 0, 1);
        return all;
    }

    private void Grow()
    {
        var larger = new PendingRequest?[_slots.Length * 2];
        for (var i = 0; i < Span; i++)
            larger[i] = this[i];
        _slots = larger;
        _head = 0;
    }
}
