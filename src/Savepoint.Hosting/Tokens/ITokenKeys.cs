using Microsoft.IdentityModel.Tokens;

namespace Savepoint.Hosting.Tokens;

/// <summary>The public keys of an issuer. May be asked by several threads at once.</summary>
internal interface ITokenKeys
{
    /// <summary>Whether it knows its keys yet.</summary>
    bool IsReady { get; }

    /// <summary>The key of exactly this id; null for none, so that no other is ever tried.</summary>
    JsonWebKey? Find(string keyId);
}
