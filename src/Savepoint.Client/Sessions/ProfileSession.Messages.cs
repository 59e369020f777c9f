using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

// Messages to the profile: each is handled once, and what its handler changes is saved in the same unit as its removal.
internal sealed partial class ProfileSession
{
    private readonly Queue<ProfileMessage> _messages = new();
    private readonly HashSet<ulong> _known = [];
    private Action<ProfileMessage>? _messageHandler;

    /// <summary>Handles messages; they wait while there is none.</summary>
    public Action<ProfileMessage>? MessageHandler
    {
        get => _messageHandler;
        set
        {
            lock (Gate)
                _messageHandler = value;
            Events.Add(HandleMessages);
            RaiseEvents();
        }
    }

    private void Keep(IEnumerable<EntityMessage> messages)
    {
        lock (Gate)
        {
            // The server lists them again after a reconnect, while the save that removes them is still on its way.
            foreach (var message in messages)
            {
                if (_known.Add(message.Id) && TryRead(message) is { } readable)
                    _messages.Enqueue(readable);
            }
        }
        Events.Add(HandleMessages);
    }

    private ProfileMessage? TryRead(EntityMessage message)
    {
        try
        {
            var body = Document.Decode(message.Body.Span);
            return new ProfileMessage((long)message.Id, body, message.Sender, DateTimeOffset.FromUnixTimeMilliseconds(message.SentUnixMs));
        }
        catch (DocumentException exception)
        {
            Core.ReportHandlerFailure(exception);
            return null;
        }
    }

    private void HandleMessages()
    {
        while (TryTakeMessage(out var message, out var handler))
        {
            try
            {
                Change(() => handler(message), "", isSealed: true, message: (ulong)message.Id);
            }
            catch (Exception exception)
            {
                // It stays with the server, for the next session.
                Core.ReportHandlerFailure(exception);
                continue;
            }
            lock (Gate)
                FlushThrough(_changes.LastSequence);
        }
    }

    private bool TryTakeMessage(out ProfileMessage message, out Action<ProfileMessage> handler)
    {
        lock (Gate)
        {
            handler = _messageHandler!;
            message = null!;
            return handler is not null && IsActive && !_isEnding && _messages.TryDequeue(out message!);
        }
    }
}
