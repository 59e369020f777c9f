using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Savepoint.Modules.Accounts.Login;
using Savepoint.Modules.Accounts.State;

namespace Savepoint.Modules.Accounts.Requests;

/// <summary>Writes answers. What hashes and tokens are kept as is never in them.</summary>
internal static class AccountJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers with an object, which nobody may keep on the way.</summary>
    public static async Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> fields, int status = StatusCodes.Status200OK)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        await using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            fields(writer);
            writer.WriteEndObject();
        }

        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = buffer.WrittenCount;
        await response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
    }

    /// <summary>Answers with tokens, in the words of OAuth 2 (RFC 6749, section 5.1).</summary>
    public static Task WriteAsync(HttpContext context, Grant grant, int status = StatusCodes.Status200OK) => WriteAsync(
        context,
        json =>
        {
            json.WriteString("userId", grant.UserId);
            json.WriteString("sessionId", grant.SessionId);
            json.WriteString("accessToken", grant.AccessToken);
            json.WriteString("tokenType", "Bearer");
            json.WriteNumber("expiresIn", SecondsUntil(grant.AccessExpires, grant));
            json.WriteString("refreshToken", grant.RefreshToken);
            json.WriteNumber("refreshExpiresIn", SecondsUntil(grant.RefreshExpires, grant));
            json.WriteBoolean("created", grant.IsCreated);
        },
        status);

    /// <summary>Writes what an account is, for its user and for an export.</summary>
    /// <param name="json">Takes it.</param>
    /// <param name="account">The account.</param>
    /// <param name="present">The session of whoever asks; null for an export.</param>
    /// <param name="openAt">Leaves out the sessions that have expired by then; null for all that are kept.</param>
    public static void Write(Utf8JsonWriter json, AccountState account, string? present, DateTimeOffset? openAt)
    {
        json.WriteString("createdAt", account.CreatedAt.UtcDateTime);
        if (account.IsDisabled)
            json.WriteBoolean("disabled", true);
        json.WriteStartArray("identities");
        foreach (var identity in account.AllIdentities())
        {
            json.WriteStartObject();
            json.WriteString("type", identity.Type);
            if (identity.Label is not null)
                json.WriteString("name", identity.Label);
            json.WriteString("linkedAt", identity.At.UtcDateTime);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("sessions");
        foreach (var session in account.AllSessions())
        {
            if (openAt is null || openAt < session.ExpiresAt)
                Write(json, session, present);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, SessionState session, string? present)
    {
        json.WriteStartObject();
        json.WriteString("id", session.Id);
        if (present is not null)
            json.WriteBoolean("present", session.Id == present);
        json.WriteString("method", session.Method);
        json.WriteString("createdAt", session.CreatedAt.UtcDateTime);
        json.WriteString("refreshedAt", session.RefreshedAt.UtcDateTime);
        json.WriteString("expiresAt", session.ExpiresAt.UtcDateTime);
        if (session.Device is not null)
            json.WriteString("device", session.Device);
        if (session.Address is not null)
            json.WriteString("address", session.Address);
        json.WriteEndObject();
    }

    private static long SecondsUntil(DateTimeOffset moment, Grant grant) => Math.Max(0, (long)(moment - grant.IssuedAt).TotalSeconds);
}
