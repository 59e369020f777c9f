using System.Security.Cryptography;
using System.Text;
using Savepoint.Engine;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Calls;
using Savepoint.Hosting.Secrets;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>An identity that is to be made.</summary>
/// <param name="Identity">The identity.</param>
/// <param name="PasswordHash">Of a name; null of others.</param>
internal sealed record NewIdentity(LinkedIdentity Identity, string? PasswordHash = null);

/// <summary>Names a request, so that its repetition has the same outcome.</summary>
/// <param name="Writer">The caller's key.</param>
/// <param name="Fingerprint">Stands for what is asked for.</param>
/// <param name="Password">Has to be right still when the request is repeated.</param>
internal readonly record struct RepeatableRegistration(Guid Writer, ulong Fingerprint, string Password);

/// <summary>
/// Makes accounts: identities, account and first session are one unit, which expects that nobody has any of the identities. So no identity is ever taken twice, and none
/// without its account.
/// </summary>
internal sealed class Registration(AccountEngine engine, Granting granting, Logins logins, IServerSecrets secrets)
{
    /// <exception cref="Hosting.Problems.ProblemException">Somebody has one of the identities, or it can't be done now.</exception>
    public async Task<Grant> RegisterAsync(IReadOnlyList<NewIdentity> identities, ClientInfo client, RepeatableRegistration? repeatable, CancellationToken cancellationToken)
    {
        var userId = granting.NewUser().ToString();
        var first = identities[0].Identity;
        var (session, token) = granting.Begin(userId, first.Type, client);
        var unit = new AwaitedUnit
        {
            Actor = Principal.Player(userId).Actor,
            Mutations =
            [
                .. identities.Select(identity => IdentityKind.Create(identity.Identity.Key, userId, identity.PasswordHash)),
                AccountKind.Create(userId, identities.Select(static identity => identity.Identity), session),
            ],
        };
        if (repeatable is { } request)
            (unit.Writer, unit.Request, unit.Fingerprint) = (request.Writer, 1, request.Fingerprint);
        if (await engine.SubmitAsync(unit, cancellationToken) is { } refusal)
        {
            throw refusal.Code == RefusalCode.VersionMismatch && refusal.Mutation < identities.Count
                ? AccountProblems.IdentityTaken(identities[refusal.Mutation].Identity.Type)
                : AccountEngine.Problem(refusal);
        }

        if (repeatable is not { Password: { } password } || await logins.UserOfAsync(first.Key, cancellationToken) == userId)
            return granting.Give(token) with { IsCreated = true };

        // The outcome is that of an earlier request with the same key, which has made the account under another id. Its tokens are not kept: it gets others. By now the name may
        // be somebody else's and the password another, so whoever asks logs in like everybody.
        return await logins.ByPasswordAsync(first.Key, password, client, cancellationToken) with { IsCreated = true };
    }

    /// <summary>
    /// Names a request by its <c>Idempotency-Key</c>. What stands for its content is made with a key that only the servers have, since the password is a part of it.
    /// </summary>
    /// <param name="idempotencyKey">The key.</param>
    /// <param name="name">The user name: nobody shares keys with whoever registers another one.</param>
    /// <param name="password">The password.</param>
    /// <param name="content">The rest of what is asked for.</param>
    /// <exception cref="Hosting.Problems.ProblemException">The server has not joined its cluster yet.</exception>
    public RepeatableRegistration Repeatable(string idempotencyKey, EntityKey name, string password, params ReadOnlySpan<string> content)
    {
        var key = AccountSecrets.Derive(secrets, "registrations");
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        Append(hash, idempotencyKey);
        Append(hash, name.Id);
        var writer = new Guid(hash.GetHashAndReset().AsSpan(0, 16), bigEndian: true);
        Append(hash, password);
        foreach (var part in content)
            Append(hash, part);
        return new RepeatableRegistration(writer, Math.Max(1, BitConverter.ToUInt64(hash.GetHashAndReset())), password);
    }

    private static void Append(IncrementalHash hash, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
