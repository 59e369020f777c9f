using System.Buffers.Text;
using System.Text.Json;
using Savepoint.Engine;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.State;
using Savepoint.Streams.Authentication;

namespace Savepoint.Modules.Accounts.Login;

/// <summary>Reads the tokens of a studio's own issuer as identities.</summary>
internal sealed class StudioTokens(IPlayerTokenVerifier verifier)
{
    /// <summary>The identity that a token stands for; null where it is not genuine, or one of our own.</summary>
    public LinkedIdentity? Find(string token)
    {
        if (!verifier.TryVerify(token, out var found) || found.LoginSession is not null)
            return null;
        return new LinkedIdentity(IdentityKeys.OfStudio(IssuerOf(token), found.UserId), found.UserId);
    }

    /// <summary>Of a token that is genuine, and so in its one strict form.</summary>
    private static string IssuerOf(string token)
    {
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(token.Split('.')[1]));
        return payload.RootElement.GetProperty("iss").GetString()!;
    }
}
