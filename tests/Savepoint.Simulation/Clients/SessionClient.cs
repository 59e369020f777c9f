using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;
using Savepoint.Testing;

namespace Savepoint.Simulation;

/// <summary>A game server's side of one session: what it knows of it, from whichever connection it has at present.</summary>
internal sealed class SessionClient(SimulationContext run, RawClient client, EntityKey key)
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, long> _messages = [];
    private RawConnection? _connection;
    private Mirror? _mirror;
    private Opening? _asked;
    private Answer<Reply>? _answer;
    private bool _isOver;
    private bool _isRequested;
    private bool _isLost;

    public SimulatedProcess Process => client.Process;

    public EntityKey Key => key;

    /// <summary>The fencing number.</summary>
    public long Number { get; private set; }

    /// <summary>Whether it knows that the session is over.</summary>
    public bool IsOver => Get(ref _isOver);

    /// <summary>Whether somebody else wants the session.</summary>
    public bool IsRequested => Get(ref _isRequested);

    /// <summary>Whether the node has let go of it, so that it has to be resumed.</summary>
    public bool IsLost => Get(ref _isLost);

    /// <summary>Opens a session; false when it was not to be had.</summary>
    public async Task<bool> OpenAsync(SessionConflictPolicy policy)
    {
        var opening = new Opening { Key = key, Writer = client.Writer, Request = client.NextRequest(), Policy = policy };
        var isOpen = await AskAsync(opening);
        client.Close(opening.Request);
        if (!isOpen)
            Disconnect();
        return isOpen;
    }

    /// <summary>Goes on with the session from a new connection; false when it is over.</summary>
    public async Task<bool> ResumeAsync()
    {
        var opening = new Opening { Key = key, Writer = client.Writer, Request = 0, Policy = default, Resume = Number };
        var isOpen = await AskAsync(opening);
        if (!isOpen)
            End();
        return isOpen;
    }

    /// <summary>Sends a change under the session.</summary>
    public async Task<Operation> WriteAsync(string name, params Mutation[] mutations)
    {
        var operation = await client.DoAsync($"{name} of {key} under {Number}", Array.ConvertAll(mutations, mutation => mutation.Under(Number)));
        if (operation.Refusal is { Code: RefusalCode.SessionLost })
            End();
        return operation;
    }

    /// <summary>Loses or closes its connection; the session goes on for as long as its lease.</summary>
    public void Disconnect()
    {
        RawConnection? connection;
        lock (_gate)
            (connection, _connection) = (_connection, null);
        connection?.Close();
    }

    public void End()
    {
        lock (_gate)
            _isOver = true;
        Disconnect();
    }

    /// <summary>Takes some of the messages that wait, to process them in the next change.</summary>
    public (long[] Messages, long Sum) TakeMessages(int most)
    {
        lock (_gate)
        {
            long[] taken = [.. _messages.Keys.Take(most)];
            var sum = taken.Sum(message => _messages[message]);
            foreach (var message in taken)
                _messages.Remove(message);
            return (taken, sum);
        }
    }

    public void OnOpened(RawConnection from, Opening opening, SessionOpening outcome, Mirror mirror)
    {
        lock (_gate)
        {
            if (from != _connection || opening != _asked)
                return;
            if (outcome.Session > 0)
            {
                (Number, _mirror, _isLost) = (outcome.Session, mirror, false);
                foreach (var message in outcome.Messages)
                    Take(message);
            }

            if (outcome.Refusal?.Code == RefusalCode.RequestForgotten)
                run.History.Verdict.Fail("I4", $"{opening} was forgotten before its outcome was received");
            _answer!.Give(new Reply(outcome.Session > 0, outcome.Refusal));
        }
    }

    public void OnRequested(RawConnection from) => Note(from, ref _isRequested);

    public void OnLost(RawConnection from) => Note(from, ref _isLost);

    public void OnEnded(RawConnection from) => Note(from, ref _isOver);

    public void OnMessage(RawConnection from, EntityMessage message)
    {
        lock (_gate)
        {
            if (from == _connection)
                Take(message);
        }
    }

    /// <summary>Sends a wish until it is settled: again over the same connection, or over another.</summary>
    private async Task<bool> AskAsync(Opening opening)
    {
        run.OnOperation();
        run.History.Send(opening);
        for (var tries = 0; ; tries++)
        {
            var reply = await SendAsync(opening);
            lock (_gate)
                _asked = null;
            if (reply is { Refusal: not { IsTransient: true } })
                return reply.IsOpen;

            // What was asked for may still come true; a connection that is closed makes sure that nobody has to know.
            if (opening.Resume == 0 && tries >= 2 && client.Random.Next(3) == 0)
                return false;
            if (client.Random.Next(2) == 0)
                Disconnect();
            await run.PauseAsync(client, 5, 1000);
        }
    }

    private Task<Reply?> SendAsync(Opening opening)
    {
        var answer = new Answer<Reply>();
        RawConnection connection;
        MirrorPosition? from;
        lock (_gate)
        {
            connection = _connection ??= new RawConnection(run, client, run.Cluster.OwnerOf(key));
            (_asked, _answer, from) = (opening, answer, _mirror?.Position);
        }

        var received = client.ReceivedThrough;
        run.Wire.Send(connection.Node.Process, () => connection.Add(new RawHolder(run, connection.Node.Name, opening, this, connection, new Mirror(from))
        {
            Key = key,
            Name = client.Name,
            Writer = client.Writer,
            Request = opening.Request,
            ReceivedThrough = received,
            Policy = opening.Policy,
            Resume = opening.Resume,
            FromVersion = from?.Version ?? 0,
            WaitTimeout = run.Settings.Pace.Scale(WaitTimeout),
        }));

        // Some ask once, and wait until they hear something.
        run.GiveUpAfter(client, answer, client.Random.Next(3) == 0 ? 4 * WaitTimeout : default);
        return answer.Task;
    }

    private void Take(EntityMessage message) => _messages[message.Id] = Document.Decode(message.Body.Span).Root["n"].AsInt64();

    private bool Get(ref bool flag)
    {
        lock (_gate)
            return flag;
    }

    private void Note(RawConnection from, ref bool flag)
    {
        lock (_gate)
        {
            if (from == _connection)
                flag = true;
        }
    }

    private sealed record Reply(bool IsOpen, Refusal? Refusal);
}
