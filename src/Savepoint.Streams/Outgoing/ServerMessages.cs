using System.Text;
using Google.Protobuf;
using Savepoint.Engine.Units;
using Savepoint.Engine.Watching;
using Savepoint.Protocol.Messages;
using EngineMessage = Savepoint.Engine.Sessions.EntityMessage;
using EngineVersion = Savepoint.Engine.Reading.VersionInfo;
using Mutation = Savepoint.Engine.Units.Mutation;
using VersionPage = Savepoint.Engine.Reading.VersionPage;

namespace Savepoint.Streams.Outgoing;

/// <summary>
/// Encodes what the server says. The two messages that are sent by the ten thousand, UnitCommitted and Change, are written in place, the others through
/// the generated classes.
/// </summary>
internal static class ServerMessages
{
    /// <summary>ServerFrame.messages in stream.proto.</summary>
    public const int FrameMessages = 1;

    private const int Request = 1, UnitCommittedBody = 3, ChangeBody = 8;

    public static void AnswerCommitted(this Outbox outbox, long request, Mutation[] mutations)
    {
        var versions = 0;
        foreach (ref readonly var mutation in mutations.AsSpan())
            versions += WireWriter.SizeOf((ulong)mutation.ResultVersion);
        var body = WireWriter.SizeOfBlock(versions);
        var message = WireWriter.SizeOfField((ulong)request) + WireWriter.SizeOfBlock(body);

        var span = outbox.Reserve(WireWriter.SizeOfBlock(message), isAnswer: true);
        if (span.IsEmpty)
            return;
        var writer = new WireWriter(span);
        writer.Block(FrameMessages, message);
        writer.Field(Request, (ulong)request);
        writer.Block(UnitCommittedBody, body);
        writer.Block(1, versions);
        foreach (ref readonly var mutation in mutations.AsSpan())
            writer.Varint((ulong)mutation.ResultVersion);
    }

    /// <summary>How many bytes <see cref="WriteChange"/> takes.</summary>
    public static int MeasureChange(in EntityChange change, long watch, bool isOwn) => WireWriter.SizeOfBlock(WireWriter.SizeOfBlock(ChangeLength(change, watch, isOwn)));

    /// <summary>Writes a Change; of the connection's own changes the delta is left out where it has it.</summary>
    public static void WriteChange(Span<byte> destination, in EntityChange change, long watch, bool isOwn)
    {
        var length = ChangeLength(change, watch, isOwn);
        var writer = new WireWriter(destination);
        writer.Block(FrameMessages, WireWriter.SizeOfBlock(length));
        writer.Block(ChangeBody, length);
        writer.Field(1, (ulong)watch);
        writer.Field(2, (ulong)change.Version);
        if (isOwn)
        {
            writer.Field(4, (ulong)change.Request);
            writer.Field(5, (ulong)change.Mutation);
        }

        if (TellsDelta(change, isOwn))
            writer.Block(3, change.Delta);
        writer.Field(6, change.Removed ? 1UL : 0);
        if (change.Checksum is { } checksum)
            writer.Fixed32(7, checksum);
        if (!string.IsNullOrEmpty(change.Reason))
            writer.Text(8, change.Reason, Encoding.UTF8.GetByteCount(change.Reason));
    }

    public static Snapshot Snapshot(in EntitySnapshot snapshot, long watch = 0) => new()
    {
        Version = (ulong)snapshot.Version,
        Document = Bytes(snapshot.Document),
        Removed = snapshot.Document is null && snapshot.Version > 0,
        Watch = (ulong)watch,
    };

    public static VersionList Versions(VersionPage page)
    {
        var list = new VersionList();
        if (page.Next is { } next)
            list.Next = new VersionPosition { Version = (ulong)next.Version, Sequence = (ulong)next.Sequence };
        foreach (var version in page.Versions)
            list.Versions.Add(Version(version));
        return list;
    }

    public static EntityMessage Message(EngineMessage message, long watch = 0) => new()
    {
        Watch = (ulong)watch,
        Id = (ulong)message.Id,
        Body = UnsafeByteOperations.UnsafeWrap(message.Body),
        Sender = message.Sender,
        SentUnixMs = message.SentAt.ToUnixTimeMilliseconds(),
    };

    // The engine never changes bytes that it has given out.
    public static ByteString Bytes(byte[]? bytes) => bytes is null ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(bytes);

    private static VersionInfo Version(EngineVersion version) => new()
    {
        Version = (ulong)version.Version,
        AtUnixMs = version.At.ToUnixTimeMilliseconds(),
        Removed = version.IsRemoval,
        Readable = version.IsReadable,
        HasRecord = version.HasRecord,
        Actor = version.Actor ?? "",
        Reason = version.Reason ?? "",
        CorrelationId = version.CorrelationId ?? "",
        EventType = version.EventType ?? "",
        RestoredVersion = (ulong)(version.RestoredVersion ?? 0),
        DeltaBytes = (uint)version.DeltaBytes,
    };

    private static bool TellsDelta(in EntityChange change, bool isOwn) => !change.Delta.IsEmpty && !(isOwn && change.IsAsAsked);

    private static int ChangeLength(in EntityChange change, long watch, bool isOwn)
    {
        var length = WireWriter.SizeOfField((ulong)watch) + WireWriter.SizeOfField((ulong)change.Version);
        if (isOwn)
            length += WireWriter.SizeOfField((ulong)change.Request) + WireWriter.SizeOfField((ulong)change.Mutation);
        if (TellsDelta(change, isOwn))
            length += WireWriter.SizeOfBlock(change.Delta.Length);
        length += change.Removed ? 2 : 0;
        length += change.Checksum is null ? 0 : 5;
        return string.IsNullOrEmpty(change.Reason) ? length : length + WireWriter.SizeOfBlock(Encoding.UTF8.GetByteCount(change.Reason));
    }
}
