using System.Text.Json;
using Savepoint.Documents;
using Savepoint.Engine;
using Savepoint.Engine.Audit;
using Savepoint.Engine.Reading;
using Savepoint.Engine.Users;
using Savepoint.Engine.Watching;
using Savepoint.Hosting.Users;
using Savepoint.Streams.Errors;

namespace Savepoint.Modules.DataRights;

/// <summary>
/// Writes everything that is kept of a user as JSON: of each entity its document as it is now, its session, its unprocessed messages, and who changed it when
/// and why, as far as the journal reaches back; then what modules tell of kinds that are secret. Old documents are not written. One entity is in memory at a time.
/// </summary>
public sealed class UserExport
{
    private readonly EngineAccess _access;
    private readonly UserEntities _entities;
    private readonly AuditTrail _audit;
    private readonly IReadOnlyList<IUserRecords> _records;

    internal UserExport(EngineAccess access, UserEntities entities, AuditTrail audit, IReadOnlyList<IUserRecords> records) =>
        (_access, _entities, _audit, _records) = (access, entities, audit, records);

    /// <summary>Writes an export. It is audited first: where the entry can't be written, nothing is exported.</summary>
    /// <param name="userId">The user.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="output">Where it goes. What ends early lacks the last property, <c>complete</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="RefusedException">The entry can't be written, or something can't be read.</exception>
    public async Task WriteAsync(string userId, Requester by, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(by);
        await AuditAsync(userId, by, cancellationToken);
        await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteString("user", userId);
        json.WriteString("at", _access.Now);
        json.WriteStartArray("entities");
        await foreach (var entity in _entities.FindAsync(userId, cancellationToken))
            await WriteAsync(json, entity, cancellationToken);
        json.WriteEndArray();
        await WriteRecordsAsync(json, userId, cancellationToken);
        json.WriteBoolean("complete", true);
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private async Task WriteRecordsAsync(Utf8JsonWriter json, string userId, CancellationToken cancellationToken)
    {
        json.WriteStartObject("records");
        foreach (var records in _records)
        {
            json.WritePropertyName(records.Name);
            await records.WriteAsync(userId, json, cancellationToken);
        }

        json.WriteEndObject();
    }

    private async Task AuditAsync(string userId, Requester by, CancellationToken cancellationToken)
    {
        var entry = _audit.Write(userId, new AuditEntry(by.Actor, "user.export", "user/" + userId) { Address = by.Address, Reason = by.Reason });
        if (await _access.SubmitAsync(new OperationWriter(by.Actor, by.Reason), [entry], cancellationToken) is { } refusal)
            throw new RefusedException(refusal);
    }

    private async Task WriteAsync(Utf8JsonWriter json, UserEntity entity, CancellationToken cancellationToken)
    {
        var (snapshot, refusal) = await _access.TryReadAsync(entity.Key, withSupplement: true, cancellationToken);
        if (refusal is null && snapshot.Version == 0)
            return;
        json.WriteStartObject();
        json.WriteString("kind", entity.Key.Kind);
        json.WriteString("id", entity.Key.Id);
        json.WriteBoolean("tagged", entity.IsTagged);
        json.WriteBoolean("owned", entity.IsOwned);
        if (refusal is not null)
            json.WriteString("unreadable", RequestErrors.From(refusal).Code);
        else
            await WriteStateAsync(json, snapshot, cancellationToken);
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    private async Task WriteStateAsync(Utf8JsonWriter json, EntitySnapshot snapshot, CancellationToken cancellationToken)
    {
        json.WriteNumber("version", snapshot.Version);
        json.WritePropertyName("document");
        if (snapshot.Document is null)
            json.WriteNullValue();
        else
            DocumentJson.Write(json, UserEntities.Decode(snapshot.Document));
        if (snapshot.Supplement is { } supplement)
            Write(json, supplement);
        json.WriteStartArray("history");
        for (VersionPosition? at = default(VersionPosition); at is { } position;)
        {
            var page = await _access.VersionsAsync(snapshot.Key, position, cancellationToken);
            foreach (var version in page?.Versions ?? [])
                Write(json, version);
            await json.FlushAsync(cancellationToken);
            at = page?.Next;
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, EntitySupplement supplement)
    {
        if (supplement.Session > 0)
        {
            json.WriteStartObject("session");
            json.WriteNumber("number", supplement.Session);
            json.WriteBoolean("active", supplement.IsActive);
            json.WriteString("holder", supplement.Holder);
            json.WriteString("since", supplement.Since);
            json.WriteEndObject();
        }

        json.WriteStartArray("messages");
        foreach (var message in supplement.Messages)
        {
            json.WriteStartObject();
            json.WriteNumber("id", message.Id);
            json.WriteString("sender", message.Sender);
            json.WriteString("sentAt", message.SentAt);
            json.WritePropertyName("body");
            DocumentJson.Write(json, UserEntities.Decode(message.Body.ToArray()));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, VersionInfo version)
    {
        json.WriteStartObject();
        json.WriteNumber("version", version.Version);
        json.WriteString("at", version.At);
        if (version.IsRemoval)
            json.WriteBoolean("removal", true);
        Write(json, "actor", version.Actor);
        Write(json, "reason", version.Reason);
        Write(json, "event", version.EventType);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }
}
